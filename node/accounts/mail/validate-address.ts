import type { AuthData } from '#spec/api/client/interactive-auth.ts'
import type { EmailRequest } from '#spec/api/client/email.ts'
import { MatrixError, missingParam } from '#spec/errors.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { enqueue } from '#node/jobs/enqueue.ts'
import { doubling } from '#node/jobs/backoff.ts'
import { jobKind } from '#node/jobs/job-kind.ts'
import type { Stage } from '../interactive-auth.ts'
import { takeAttempt } from '../login-attempts.ts'
import { hashToken, newId, newToken } from '../tokens.ts'
import { checkEmail } from './email-address.ts'
import { writeLetter, type Letter } from './letters.ts'
import { canSendMail, MailFailed, sendMail } from './send-mail.ts'
import * as store from './store.ts'

/** How long a link is good, and after it how long the client may take. */
export const validationLifeMs = 3_600_000

/**
 * Sends a mail with which somebody shows that an address is theirs. Whether an account has the address is for its owner alone to know: the
 * answer and the work are the same, and only the mail differs.
 * Throws M_THREEPID_MEDIUM_NOT_SUPPORTED without a mail server; M_INVALID_PARAM; M_LIMIT_EXCEEDED after ten mails to one address, or by one
 * caller, in 15 minutes.
 */
export async function requestValidation(
  deps: Deps,
  purpose: store.Purpose,
  asked: EmailRequest,
  address: string,
): Promise<{ sid: string }> {
  if (!canSendMail(deps)) throw noMail()
  const email = checkEmail(asked.email)
  await takeAttempt(deps, 'mail', address)
  await takeAttempt(deps, `mail to ${email}`, 'anywhere')
  const now = deps.clock.now()
  return transaction(deps.sql, async (tx) => {
    await store.deleteExpiredValidations(tx, now)
    const validation = {
      sid: newId(deps),
      purpose,
      email,
      clientSecretHash: hashToken(asked.client_secret),
      sendAttempt: asked.send_attempt,
      nextLink: asked.next_link ?? null,
      expiresAt: now + validationLifeMs,
    }
    const { sid, isDue } = await store.upsertValidation(tx, validation, now)
    if (isDue) await enqueue(deps, tx, mailValidation, { sid }, { lane: sid })
    return { sid }
  })
}

export const noMail = () =>
  new MatrixError('M_THREEPID_MEDIUM_NOT_SUPPORTED', 'This server sends no mail, so it knows no e-mail addresses.')

/**
 * The link is made when the mail is sent, and only its hash is kept: whoever reads the database cannot open it. Where the address is not what
 * it is asked for, there is none.
 */
export const mailValidation = jobKind<{ sid: string }>(
  'mail a validation',
  async (deps, { sid }) => {
    const found = await store.readValidation(deps.sql, sid, deps.clock.now())
    if (found === undefined || found.validatedAt !== null) return
    const owner = await store.readOwner(deps.sql, found.email)
    const letter = otherLetter(found.purpose, owner) ?? (await letterWithLink(deps, found))
    await sendMail(deps, found.email, writeLetter(letter, deps.config.serverName)).catch((error: unknown) => {
      if (!(error instanceof MailFailed && error.isFinal)) throw error
      deps.log.warn({ err: error }, 'mail refused')
    })
  },
  { backoff: doubling(5_000, 600_000, 10) },
)

function otherLetter(purpose: store.Purpose, owner: string | undefined): Letter | undefined {
  if (purpose === 'password') return owner === undefined ? { kind: 'unknown' } : undefined
  return owner === undefined ? undefined : { kind: 'taken', userId: owner }
}

async function letterWithLink(deps: Deps, { sid, purpose }: store.Validation): Promise<Letter> {
  const token = newToken(deps, 'mail')
  const now = deps.clock.now()
  const link = { tokenHash: hashToken(token), sid, now, expiresAt: now + validationLifeMs }
  await transaction(deps.sql, (tx) => store.insertLink(tx, link))
  return { kind: 'validate', purpose, link: `${deps.config.publicUrl}/_hearth/email/${sid}/${token}` }
}

/** The button of the page was pressed. Says where to go on, if the client has said so; nothing if the link is not good. */
export const validate = (deps: Deps, sid: string, token: string): Promise<{ nextLink: string | null } | undefined> => {
  const now = deps.clock.now()
  return transaction(deps.sql, (tx) =>
    store.markValidated(tx, { sid, tokenHash: hashToken(token), now, expiresAt: now + validationLifeMs }),
  )
}

/** What a client knows of a validation. */
interface Credentials {
  readonly sid: string
  readonly client_secret: string
}

/** The validation that a client has begun and somebody has completed, for this purpose; nothing as long as it is not so. */
export async function findValidated(
  deps: Deps,
  purpose: store.Purpose,
  { sid, client_secret: secret }: Credentials,
): Promise<store.Validation | undefined> {
  const found = await store.readValidation(deps.sql, sid, deps.clock.now())
  const isGood = found?.purpose === purpose && found.clientSecretHash === hashToken(secret)
  return isGood && found.validatedAt !== null ? found : undefined
}

export const emailStageType = 'm.login.email.identity'

/** The stage in which somebody shows that an address is theirs. It finds the id of the validation, to be used up with the request. */
export const emailStage = (deps: Deps, purpose: store.Purpose): Stage => ({
  type: emailStageType,
  async check({ threepid_creds: credentials }: AuthData) {
    if (credentials === undefined) throw missingParam('threepid_creds is missing.')
    const found = await findValidated(deps, purpose, credentials)
    // Clients ask again and again until the link has been opened.
    if (found === undefined) throw new MatrixError('M_UNAUTHORIZED', 'The link in the mail has not been opened yet.')
    return found.sid
  },
})
