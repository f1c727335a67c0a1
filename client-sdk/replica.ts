import type { RoomId, UserId } from '#spec/ids.ts'
import { exclusive } from './exclusive.ts'
import type { Platform } from './platform.ts'
import { batch } from './signal.ts'
import {
  StoreConflict,
  type AccountDataRow,
  type Changes,
  type OutboxRow,
  type RoomRow,
  type SessionRow,
  type Store,
} from './store/store.ts'

/** How often a turn begins anew because other tabs write, before it fails. */
const maxConflicts = 20

/** Who follows the replica: called inside one batch of signals, after the changes are durable. */
export interface Follower {
  /** These changes were written. */
  changed(changes: Changes): void
  /** Everything may have changed: another tab has written. */
  reloaded(): void
}

/**
 * This device's copy of the account: what is in the store, and of that in memory what every increment needs.
 * There is one way in: `commit` writes, then applies. What could not be written is never shown.
 */
export class Replica {
  readonly platform: Platform
  readonly store: Store
  session: SessionRow | undefined
  token: string | undefined
  rooms: ReadonlyMap<RoomId, RoomRow> = new Map()
  /** Of the whole account, by type. */
  accountData: ReadonlyMap<string, AccountDataRow> = new Map()
  /** By transaction id, in the order of sending. */
  outbox: ReadonlyMap<string, OutboxRow> = new Map()
  readonly #followers: Follower[] = []
  /** Of the store, when it was last read or written from here. */
  #version = 0
  readonly #exclusive = exclusive()

  private constructor(platform: Platform, store: Store) {
    this.platform = platform
    this.store = store
  }

  /** Reads the store. */
  static async open(platform: Platform, store: Store): Promise<Replica> {
    const replica = new Replica(platform, store)
    await replica.#load()
    return replica
  }

  get userId(): UserId | undefined {
    return this.session?.userId
  }

  /** Followers are called in the order in which they came. */
  follow(follower: Follower): void {
    this.#followers.push(follower)
  }

  /**
   * Runs `turn` while nothing else here writes, so that what it reads stays true until it commits. A turn must not wait for another turn,
   * nor for the network. Where another tab has written meanwhile, everything is read again, and the turn runs anew.
   */
  exclusive<T>(turn: () => Promise<T>): Promise<T> {
    return this.#exclusive(async () => {
      for (let failures = 0; ; failures++) {
        try {
          return await turn()
        } catch (error) {
          if (!(error instanceof StoreConflict) || failures === maxConflicts) throw error
          await this.#reload()
        }
      }
    })
  }

  /** Writes, then applies. Only inside `exclusive`. `also` runs in the same batch, for what is not stored. */
  async commit(changes: Changes, also?: () => void): Promise<void> {
    await this.store.write(changes, this.#version)
    this.#version += 1
    batch(() => {
      this.#apply(changes)
      for (const follower of this.#followers) follower.changed(changes)
      also?.()
    })
  }

  /** A turn that does nothing but commit. */
  change(changes: Changes): Promise<void> {
    return this.exclusive(() => this.commit(changes))
  }

  /** Forgets everything. Only inside `exclusive`. */
  async clear(): Promise<void> {
    await this.store.clear()
    await this.#reload()
  }

  async #reload(): Promise<void> {
    await this.#load()
    batch(() => this.#followers.forEach((follower) => follower.reloaded()))
  }

  async #load(): Promise<void> {
    const stored = await this.store.load()
    this.#version = stored.version
    this.session = stored.session
    this.token = stored.token
    this.rooms = new Map(stored.rooms.map((row) => [row.roomId, row]))
    this.accountData = new Map(stored.accountData.filter((row) => row.roomId === '').map((row) => [row.type, row]))
    this.outbox = new Map(stored.outbox.map((row) => [row.txnId, row]))
  }

  #apply(changes: Changes): void {
    if (changes.session !== undefined) this.session = changes.session ?? undefined
    if (changes.token !== undefined) this.token = changes.token ?? undefined
    this.rooms = changed(this.rooms, changes.droppedRooms, changes.rooms, (row) => row.roomId)
    const ofAccount = changes.accountData?.filter((row) => row.roomId === '')
    this.accountData = changed(this.accountData, undefined, ofAccount, (row) => row.type)
    const dropped = new Set(changes.droppedRooms)
    const lost = [...this.outbox.values()].filter((row) => dropped.has(row.roomId)).map((row) => row.txnId)
    this.outbox = changed(this.outbox, [...lost, ...(changes.removedOutbox ?? [])], changes.outbox, (row) => row.txnId)
  }
}

/** The map without some keys and with some rows; itself where nothing changes, a new one else, so that nobody sees it change. */
function changed<K, V>(
  map: ReadonlyMap<K, V>,
  removed: readonly K[] | undefined,
  put: readonly V[] | undefined,
  keyOf: (value: V) => K,
): ReadonlyMap<K, V> {
  if (!removed?.length && !put?.length) return map
  const copy = new Map(map)
  for (const key of removed ?? []) copy.delete(key)
  for (const value of put ?? []) copy.set(keyOf(value), value)
  return copy
}
