import { checkUsernameAvailability, register } from '#spec/api/client/register.ts'
import { isJsonObject, type Json } from '#spec/json.ts'
import { CallError } from './call.ts'
import type { RegistrationNeeds, Terms } from './client.ts'
import { authAskedBy } from './interactive-auth.ts'
import type { SessionKeeper } from './session.ts'

/** Asks the node what a new account takes. */
export async function registrationNeeds(session: SessionKeeper): Promise<RegistrationNeeds> {
  try {
    await session.call(register, { body: {} })
  } catch (error) {
    const asked = authAskedBy(error)
    if (asked) {
      const needsToken = asked.flows.every((stages) => stages.includes('m.login.registration_token'))
      return { open: asked.flows.length > 0, needsToken, terms: termsIn(asked.params['m.login.terms']) }
    }
    if (error instanceof CallError && error.code === 'M_FORBIDDEN') return { open: false, needsToken: false, terms: [] }
    throw error
  }
  throw new CallError('network', 'The node asks nothing of a new account')
}

/** Whether a name can still be had. */
export async function isUsernameAvailable(session: SessionKeeper, username: string): Promise<boolean> {
  try {
    return (await session.call(checkUsernameAvailability, { query: { username } })).available
  } catch (error) {
    if (error instanceof CallError && (error.code === 'M_USER_IN_USE' || error.code === 'M_EXCLUSIVE')) return false
    throw error
  }
}

/** Client-Server API, "Terms of service at registration". */
function termsIn(params: Json | undefined): readonly Terms[] {
  const policies = isJsonObject(params) ? params['policies'] : undefined
  if (!isJsonObject(policies)) return []
  return Object.entries(policies).flatMap(([id, policy]) => (isJsonObject(policy) ? [termsOf(id, policy)] : []))
}

function termsOf(id: string, { version, ...languages }: Readonly<Record<string, Json>>): Terms {
  const names = Object.entries(languages).flatMap(([language, text]) => {
    const isText = isJsonObject(text) && typeof text['name'] === 'string' && typeof text['url'] === 'string'
    return isText ? [[language, { name: text['name'] as string, url: text['url'] as string }] as const] : []
  })
  return { id, version: typeof version === 'string' ? version : '', names: Object.fromEntries(names) }
}
