import { forbidden, MatrixError } from '#spec/errors.ts'
import type { JsonObject } from '#spec/json.ts'
import type { Deps } from '#node/deps.ts'
import type { Stage } from './interactive-auth.ts'
import { canSendMail } from './mail/send-mail.ts'
import { emailStage } from './mail/validate-address.ts'
import { isClaimed, readRegistrationToken } from './store.ts'
import { hashToken } from './tokens.ts'

/** Who may register at this moment. */
export interface Admission {
  readonly mode: 'open' | 'invite' | 'closed'
  /** Somebody has registered with the set-up link. */
  readonly isClaimed: boolean
}

export const admission = async (deps: Deps): Promise<Admission> => ({
  mode: deps.config.registration,
  isClaimed: await isClaimed(deps.sql),
})

/** Throws M_FORBIDDEN where nobody can register, whatever they bring. */
export function checkAdmission({ mode, isClaimed }: Admission): void {
  if (mode === 'closed' && isClaimed) throw forbidden('Registration is closed on this server.')
}

/**
 * The flows of registration: with a token, and without one where anybody may register; the terms last. The set-up link is a token too,
 * and is good in every mode. Where mail is sent, people may bring an address; that comes first, as a flow that is done is not gone on with.
 */
export function registrationFlows(deps: Deps, { mode, isClaimed }: Admission): Stage[][] {
  const token = tokenStage(deps, { mode, isClaimed })
  const email = canSendMail(deps) ? emailStage(deps, 'register') : undefined
  const bare = mode === 'open' ? [[dummyStage], [token]] : [[token]]
  const withEmail = email === undefined ? [] : [mode === 'open' ? [email] : [email, token]]
  const ways = [...bare, ...withEmail]
  const { termsUrl } = deps.config
  return termsUrl === undefined ? ways : ways.map((stages) => [...stages, termsStage(termsUrl)])
}

export const tokenStageType = 'm.login.registration_token'

const dummyStage: Stage = { type: 'm.login.dummy', check: () => '' }

const tokenStage = (deps: Deps, now: Admission): Stage => ({
  type: tokenStageType,
  async check(auth) {
    if (auth.token === undefined) throw new MatrixError('M_MISSING_PARAM', 'The registration token is missing.')
    const tokenHash = hashToken(auth.token)
    if (!(await isTokenGood(deps, tokenHash, now)))
      throw forbidden(now.isClaimed || now.mode === 'open' ? usedUp : unclaimed)
    return tokenHash
  },
})

export const usedUp = 'This invitation is not valid: it was used already, withdrawn, or has expired.'
const unclaimed =
  'This server is not set up yet. Its first account is made with the one-time link that it printed when it started.'

/** True while the token would be taken. Before the server is claimed only the set-up link is; a closed server takes no other ever. */
export async function isTokenGood(deps: Deps, tokenHash: string, now: Admission): Promise<boolean> {
  const token = await readRegistrationToken(deps.sql, tokenHash, deps.clock.now())
  if (token === undefined) return false
  if (token.grantsAdmin) return !now.isClaimed
  return now.mode === 'open' || (now.isClaimed && now.mode === 'invite')
}

/** The page is the server owner's, so its address stands for its version. */
const termsStage = (url: string): Stage => ({
  type: 'm.login.terms',
  params: {
    policies: {
      terms_of_service: {
        version: hashToken(url).slice(0, 8),
        en: { name: 'Terms of use', url },
        tr: { name: 'Kullanım koşulları', url },
      },
    },
  } satisfies JsonObject,
  check: () => url,
})
