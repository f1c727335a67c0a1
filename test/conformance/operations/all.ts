import type { Scenarios } from '../stage.ts'
import { addresses } from './addresses.ts'
import { events } from './events.ts'
import { keys } from './keys.ts'
import { media } from './media.ts'
import { people } from './people.ts'
import { push } from './push.ts'
import { rooms } from './rooms.ts'
import { services } from './services.ts'
import { session } from './session.ts'

/** A scenario for each operation of the Client-Server API, by method and path. */
export const scenarios: Scenarios = {
  ...session,
  ...addresses,
  ...people,
  ...rooms,
  ...events,
  ...keys,
  ...push,
  ...media,
  ...services,
}

/** Operations that are not called, and why. */
export const exceptions: Readonly<Record<string, string>> = {
  'GET /_matrix/client/v3/login/sso/redirect': 'nobody signs in elsewhere: m.login.sso is not offered',
  'GET /_matrix/client/v3/login/sso/redirect/{}': 'nobody signs in elsewhere: m.login.sso is not offered',
  'GET /_matrix/client/v1/auth_metadata': 'OAuth is not offered, and clients take this answer for that',
  'GET /.well-known/matrix/policy_server': 'this is no policy server, and has none to name',
}
