import { login, logout, refresh } from '#spec/api/client/login.ts'
import { register } from '#spec/api/client/register.ts'
import type { Endpoint, ResponseOf } from '#spec/endpoint.ts'
import type { DeviceId, UserId } from '#spec/ids.ts'
import { callEndpoint, CallError, type CallOptions, type InputOf } from './call.ts'
import type { Login, Registration, Session } from './client.ts'
import { callInSteps } from './interactive-auth.ts'
import type { Replica } from './replica.ts'
import { batch, signal, type Signal } from './signal.ts'
import type { Changes, OutboxRow, SessionRow } from './store/store.ts'

/** An access token with less than this to live is renewed before it is used. */
const renewBeforeMs = 30_000

interface Grant {
  readonly user_id: UserId
  readonly device_id?: DeviceId | undefined
  readonly access_token?: string | undefined
  readonly refresh_token?: string | undefined
  readonly expires_in_ms?: number | undefined
}

/** Who is logged in, and calls in that name. Renews access tokens before anybody notices. */
export class SessionKeeper {
  readonly current: Signal<Session | undefined>
  /** False once the node has ended the session, and while there is none. */
  readonly alive: Signal<boolean>
  readonly #current
  readonly #alive
  readonly #replica: Replica
  readonly #baseUrl: string
  #refreshing: Promise<void> | undefined

  constructor(replica: Replica, baseUrl: string) {
    this.#replica = replica
    this.#baseUrl = baseUrl
    this.current = this.#current = signal(sessionOf(replica.session))
    this.alive = this.#alive = signal(replica.session !== undefined)
    replica.follow({
      changed: ({ session }) => session !== undefined && this.#follow(),
      reloaded: () => this.#follow(),
    })
  }

  /** Calls as the user where the endpoint wants that. */
  async call<E extends Endpoint>(endpoint: E, input: InputOf<E>, options: CallOptions = {}): Promise<ResponseOf<E>> {
    const isOpen = endpoint.auth === 'none' || (endpoint.auth === 'optional' && !this.#alive.get())
    if (isOpen) return this.#callWith(endpoint, input, options, undefined)
    const accessToken = await this.accessToken()
    try {
      return await this.#callWith(endpoint, input, options, accessToken)
    } catch (error) {
      if (!isUnknownToken(error)) throw error
      await this.tokenRefused(accessToken)
      return this.#callWith(endpoint, input, options, await this.accessToken())
    }
  }

  /** A token that is good as far as anybody here knows. Throws `signed-out`. */
  async accessToken(): Promise<string> {
    const session = this.#replica.session
    if (!session || !this.#alive.get()) throw new CallError('signed-out', 'Nobody is logged in')
    const expires = session.expiresAt ?? Infinity
    if (session.refreshToken === undefined || expires - renewBeforeMs > this.#replica.platform.now())
      return session.accessToken
    await this.#renew()
    return this.#replica.session?.accessToken ?? session.accessToken
  }

  /** The node does not know this token: renews it, or ends the session and throws `signed-out`. */
  async tokenRefused(accessToken: string): Promise<void> {
    const session = this.#replica.session
    if (session && session.accessToken !== accessToken) return
    if (session?.refreshToken !== undefined) return this.#renew()
    this.#end()
  }

  /** Takes the steps of registration that the answers allow, and is logged in after. */
  async register(registration: Registration): Promise<Session> {
    const { username, password, deviceName, registrationToken, acceptedTerms } = registration
    const body = { username, password, refresh_token: true, ...named(deviceName) }
    const grant = await callInSteps<Grant>((auth) => this.call(register, { body: auth ? { ...body, auth } : body }), {
      'm.login.dummy': {},
      'm.login.registration_token': registrationToken === undefined ? undefined : { token: registrationToken },
      'm.login.terms': acceptedTerms === true ? {} : undefined,
    })
    return this.#adopt(grant)
  }

  /** The same person on the same device goes on with what is stored here; anybody else begins anew. */
  async login({ username, password, deviceName }: Login): Promise<Session> {
    const old = this.#replica.session
    const device = old && isSameUser(username, old.userId) ? { device_id: old.deviceId } : {}
    const identifier = { type: 'm.id.user', user: username }
    const body = {
      type: 'm.login.password',
      identifier,
      password,
      refresh_token: true,
      ...device,
      ...named(deviceName),
    }
    return this.#adopt(await this.call(login, { body }))
  }

  /** Tells the node where it can be told, and forgets everything in any case. */
  async logout(): Promise<void> {
    try {
      if (this.#alive.get()) await this.call(logout, {}, { timeoutMs: 10_000 })
    } catch (error) {
      if (!(error instanceof CallError)) throw error
    } finally {
      await this.#replica.exclusive(() => this.#replica.clear())
    }
  }

  #callWith<E extends Endpoint>(endpoint: E, input: InputOf<E>, options: CallOptions, accessToken: string | undefined) {
    return callEndpoint(this.#replica.platform, this.#baseUrl, endpoint, input, { ...options, accessToken })
  }

  async #adopt(grant: Grant): Promise<Session> {
    const { user_id: userId, device_id: deviceId, access_token: accessToken } = grant
    if (deviceId === undefined || accessToken === undefined)
      throw new CallError('network', 'The node opened no session')
    const session: SessionRow = { userId, deviceId, accessToken, ...this.#renewal(grant) }
    await this.#replica.exclusive(async () => {
      if (this.#replica.session && this.#replica.session.userId !== userId) await this.#replica.clear()
      await this.#replica.commit({ session, ...uncertain(this.#replica.outbox.values(), deviceId) })
    })
    return { userId, deviceId }
  }

  #renewal(grant: Pick<Grant, 'refresh_token' | 'expires_in_ms'>): Pick<SessionRow, 'refreshToken' | 'expiresAt'> {
    const { refresh_token: refreshToken, expires_in_ms: lifeMs } = grant
    return { refreshToken, expiresAt: lifeMs === undefined ? undefined : this.#replica.platform.now() + lifeMs }
  }

  /** Renews once for all who wait. */
  #renew(): Promise<void> {
    return (this.#refreshing ??= this.#renewOnce().finally(() => (this.#refreshing = undefined)))
  }

  async #renewOnce(): Promise<void> {
    const stored = (await this.#replica.store.load()).session
    const session = this.#replica.session
    if (!session || !stored) return this.#end()
    // Another tab has renewed it: a refresh token works only once.
    if (stored.accessToken !== session.accessToken) return this.#replica.change({ session: stored })
    try {
      const body = { refresh_token: session.refreshToken ?? '' }
      const grant = await this.#callWith(refresh, { body }, {}, undefined)
      const renewed = { ...session, accessToken: grant.access_token, ...this.#renewal(grant) }
      await this.#replica.change({ session: { ...renewed, refreshToken: grant.refresh_token ?? session.refreshToken } })
    } catch (error) {
      if (!(error instanceof CallError) || error.isTemporary || error.kind !== 'matrix') throw error
      this.#end(error)
    }
  }

  #end(cause?: CallError): never {
    this.#alive.set(false)
    throw new CallError('signed-out', 'The session has ended', { cause })
  }

  #follow(): void {
    batch(() => {
      const next = sessionOf(this.#replica.session)
      const now = this.#current.get()
      if (next?.userId !== now?.userId || next?.deviceId !== now?.deviceId) this.#current.set(next)
      this.#alive.set(next !== undefined)
    })
  }
}

const sessionOf = (row: SessionRow | undefined): Session | undefined =>
  row && { userId: row.userId, deviceId: row.deviceId }

const isUnknownToken = (error: unknown): boolean =>
  error instanceof CallError && error.status === 401 && error.code === 'M_UNKNOWN_TOKEN'

const isSameUser = (username: string, userId: UserId): boolean =>
  username === userId || userId.startsWith(`@${username.toLowerCase()}:`)

const named = (deviceName: string | undefined): { initial_device_display_name?: string } =>
  deviceName === undefined ? {} : { initial_device_display_name: deviceName }

/**
 * A transaction id protects against doubles on the device it was made on only. What another device of this store may have sent,
 * unheard, waits for the user's word.
 */
function uncertain(outbox: Iterable<OutboxRow>, deviceId: DeviceId): Pick<Changes, 'outbox'> {
  const error = {
    kind: 'uncertain',
    code: '',
    message: 'It is not known whether this was sent before the new login',
  } as const
  const foreign = [...outbox].filter((row) => row.deviceId !== deviceId && row.status === 'queued')
  return { outbox: foreign.map((row) => ({ ...row, status: 'failed', error })) }
}
