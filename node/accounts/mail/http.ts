import * as email from '#spec/api/client/email.ts'
import * as ids from '#spec/api/client/third-party-ids.ts'
import * as pages from '#spec/extensions/email/api.ts'
import { MatrixError } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import { route, type Route } from '#node/http/route.ts'
import { checkNotSuspended } from '../moderation/account-status.ts'
import { admission, checkAdmission } from '../registration-flows.ts'
import { askingPage, badLinkPage, donePage } from './page.ts'
import { addEmail, listThirdPartyIds, removeThirdPartyId } from './third-party-ids.ts'
import { requestValidation, validate } from './validate-address.ts'

/** There is no identity server that this server trusts: addresses are known to it alone. */
function noIdentityServer(): never {
  throw new MatrixError('M_SERVER_NOT_TRUSTED', 'This server works with no identity server.')
}

function noPhones(): never {
  throw new MatrixError('M_THREEPID_MEDIUM_NOT_SUPPORTED', 'This server sends no text messages.')
}

/** A link of the client's choice is shown only where it leads back to this very server: nobody is to be led astray by a mail of ours. */
function ownLink(deps: Deps, link: string | null): string | undefined {
  if (link === null || !URL.canParse(link)) return undefined
  return new URL(link).origin === new URL(deps.config.publicUrl).origin ? link : undefined
}

export const mailRoutes: readonly Route[] = [
  route(email.requestEmailForRegister, async (deps, { body, address }) => {
    checkAdmission(await admission(deps))
    return requestValidation(deps, 'register', body, address)
  }),
  route(email.requestEmailForPassword, (deps, { body, address }) => requestValidation(deps, 'password', body, address)),
  route(email.requestEmailForAccount, (deps, { body, address }) => requestValidation(deps, 'add', body, address)),
  route(email.requestPhoneForRegister, noPhones),
  route(email.requestPhoneForPassword, noPhones),
  route(email.requestPhoneForAccount, noPhones),
  route(ids.getThirdPartyIds, (deps, { identity }) => listThirdPartyIds(deps, identity.userId)),
  route(ids.addThirdPartyId, async (deps, { identity, body, address }) => {
    await addEmail(deps, identity, body, address)
    return {}
  }),
  route(ids.deleteThirdPartyId, async (deps, { identity: { userId }, body }) => {
    checkNotSuspended(deps, userId)
    await removeThirdPartyId(deps, userId, body)
    return { id_server_unbind_result: 'no-support' as const }
  }),
  route(ids.bindThirdPartyId, noIdentityServer),
  route(ids.bindThirdPartyIdByOldName, noIdentityServer),
  route(ids.unbindThirdPartyId, () => ({ id_server_unbind_result: 'no-support' as const })),
  route(pages.getEmailPage, (deps) => askingPage(deps.config.serverName)),
  route(pages.confirmEmail, async (deps, { params }) => {
    const done = await validate(deps, params.sid, params.token)
    return done === undefined ? badLinkPage() : donePage(ownLink(deps, done.nextLink))
  }),
]
