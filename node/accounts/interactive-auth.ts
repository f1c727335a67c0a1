import type { AuthData, AuthNeededBody } from '#spec/api/client/interactive-auth.ts'
import { forbidden, MatrixError, type ErrorCode } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { canonicalJson, type JsonObject } from '#spec/json.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import {
  deleteAuthSession,
  deleteOldAuthSessions,
  insertAuthSession,
  readAuthSession,
  updateAuthSession,
} from './store.ts'
import { hashToken, macOf, newAuthSession } from './tokens.ts'

/** How long somebody may take over all stages. */
const sessionLifeMs = 3_600_000

/** One step of proving that a request is wanted. */
export interface Stage {
  readonly type: string
  /** What a client has to know for this stage. */
  readonly params?: JsonObject
  /** Answers with what it found, a text that is kept until all is done; throws a `MatrixError` if the step fails. */
  readonly check: (auth: AuthData) => Promise<string> | string
}

/** What is to be done once it is proved. A session serves this and nothing else. */
export interface GuardedRequest {
  /** Names the endpoint and what its path names. */
  readonly operation: string
  /** The whole body; `auth` in it does not count. */
  readonly body: { readonly auth?: AuthData | undefined }
  readonly userId?: UserId
}

/** Which stages are done, and what each found. */
export type Completed = ReadonlyMap<string, string>

/** 401: another step is needed. Its body has no `errcode` unless a step failed: clients show that to the user. */
export class AuthNeeded extends MatrixError {
  readonly #needed: AuthNeededBody
  constructor(needed: AuthNeededBody) {
    super((needed.errcode ?? 'M_UNAUTHORIZED') as ErrorCode, needed.error ?? 'More steps are needed.', { status: 401 })
    this.#needed = needed
  }
  override body(): Record<string, unknown> {
    return { ...this.#needed }
  }
}

/**
 * Leads a client through one of the flows. Answers when the last stage is done, once: the session is over then. Throws `AuthNeeded` until then.
 *
 * 1. The session: the one that is named, or a new one; clients may take the first step of a flow without having asked which there are.
 * 2. The step: the next one of a flow that agrees with what is done so far. A step done before counts as done.
 * 3. The end: the session is deleted, and whoever deletes it is let through; of two requests with the same last step one is.
 */
export async function requireAuth(
  deps: Deps,
  request: GuardedRequest,
  flows: readonly (readonly Stage[])[],
): Promise<Completed> {
  const { auth } = request.body
  const given = auth?.session === undefined ? undefined : await findSession(deps, request, auth.session)
  const session = given ?? newSession(deps)
  if (auth?.session !== undefined && given === undefined) throw await ask(deps, request, flows, session, expired)
  if (auth?.type === undefined || auth.type === '') throw await ask(deps, request, flows, session)
  const completed = session.completed.has(auth.type)
    ? session.completed
    : await takeStep(deps, request, flows, session, auth)
  const done = { ...session, completed }
  if (!flows.some((flow) => flow.every((stage) => completed.has(stage.type))))
    throw await ask(deps, request, flows, done)
  if (!session.isNew && !(await transaction(deps.sql, (tx) => deleteAuthSession(tx, hashToken(session.id)))))
    throw await ask(deps, request, flows, newSession(deps), expired)
  return completed
}

interface AuthSession {
  readonly id: string
  readonly completed: Completed
  /** Not in the database yet. */
  readonly isNew: boolean
}

const newSession = (deps: Deps): AuthSession => ({ id: newAuthSession(deps), completed: new Map(), isNew: true })

type Problem = Pick<MatrixError, 'code' | 'message'>
const expired: Problem = { code: 'M_UNKNOWN', message: 'This took too long, or was done already. Please start again.' }

async function findSession(deps: Deps, request: GuardedRequest, id: string): Promise<AuthSession | undefined> {
  const row = await readAuthSession(deps.sql, hashToken(id), deps.clock.now())
  if (row === undefined) return undefined
  if (row.requestMac !== requestMac(request, id))
    throw forbidden('The request has changed since its authentication began. Please start again.')
  return { id, completed: new Map(JSON.parse(row.completed) as [string, string][]), isNew: false }
}

/** The session id, which only the client has, is the key: whoever reads the database learns nothing of the password in the body. */
function requestMac(request: GuardedRequest, sessionId: string): string {
  const { auth: _, ...body } = request.body
  return macOf(sessionId, `${request.operation}\n${request.userId ?? ''}\n${canonicalJson(body as JsonObject)}`)
}

async function takeStep(
  deps: Deps,
  request: GuardedRequest,
  flows: readonly (readonly Stage[])[],
  session: AuthSession,
  auth: AuthData,
): Promise<Completed> {
  const stage = nextStages(flows, session.completed).find((one) => one.type === auth.type)
  if (stage === undefined) throw await ask(deps, request, flows, session, notNow)
  try {
    return new Map([...session.completed, [stage.type, await stage.check(auth)]])
  } catch (error) {
    if (error instanceof MatrixError && error.status !== 429) throw await ask(deps, request, flows, session, error)
    throw error
  }
}

const notNow: Problem = { code: 'M_FORBIDDEN', message: 'This step is not asked for, or not yet.' }

/** The first stage that is not done, of every flow whose stages before it are all that is done. */
function nextStages(flows: readonly (readonly Stage[])[], completed: Completed): Stage[] {
  return flows.flatMap((flow) => {
    const next = flow.findIndex((stage) => !completed.has(stage.type))
    return next === completed.size ? [flow[next]!] : []
  })
}

/** Keeps the session as it stands and says what is needed. */
async function ask(
  deps: Deps,
  request: GuardedRequest,
  flows: readonly (readonly Stage[])[],
  session: AuthSession,
  problem?: Problem,
): Promise<AuthNeeded> {
  await keep(deps, request, session)
  const stages = flows.flat().flatMap(({ type, params }) => (params === undefined ? [] : [[type, params] as const]))
  return new AuthNeeded({
    flows: flows.map((flow) => ({ stages: flow.map((stage) => stage.type) })),
    params: Object.fromEntries(stages),
    session: session.id,
    ...(session.completed.size > 0 && { completed: [...session.completed.keys()] }),
    ...(problem && { errcode: problem.code, error: problem.message }),
  })
}

async function keep(deps: Deps, request: GuardedRequest, session: AuthSession): Promise<void> {
  const now = deps.clock.now()
  const sessionHash = hashToken(session.id)
  const completed = JSON.stringify([...session.completed])
  await transaction(deps.sql, async (tx) => {
    if (!session.isNew) return void (await updateAuthSession(tx, sessionHash, completed))
    await deleteOldAuthSessions(tx, now)
    const userId = request.userId ?? null
    const mac = requestMac(request, session.id)
    await insertAuthSession(tx, { sessionHash, requestMac: mac, completed, userId, expiresAt: now + sessionLifeMs })
  })
}
