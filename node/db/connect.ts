import postgres from 'postgres'
import { arrayTypes } from './array-types.ts'

/** A pool of connections. */
export type Sql = postgres.Sql

/**
 * Opens a pool. `host` in the query of the URL names the folder of a Unix socket, as libpq has it; other names in the query are settings
 * of the session (`search_path`). A bigint is read as a number: positions and times stay far below 2^53.
 *
 * A pool of postgres.js that has lost a connection is not used again: a fresh one takes its place at once. When a connection is lost while
 * something waits to be written to it, postgres.js 3.4.9 calls the write off and goes on waiting for it, for as long as the pool uses that
 * connection; whoever is given it, after Postgres is back, waits for half a minute and then fails.
 */
export function connect(url: string, options: postgres.Options<{}> = {}): Sql {
  const givenUp = new Set<Promise<void>>()
  let hasEnded = false
  const open = () => {
    let hasConnected = false
    const pool = openPool(url, {
      ...options,
      // What a server says first when it has let us in. A pool that got no answer yet has nothing to lose, and paces its attempts.
      onparameter: () => (hasConnected = true),
      onclose: (connection) => {
        // Those of a pool that was given up are nobody's any more.
        if (pool !== current) return
        if (hasConnected && !hasEnded) replace(pool)
        options.onclose?.(connection)
      },
    })
    return pool
  }
  const replace = (pool: Sql) => {
    current = open()
    const farewell = pool.end({ timeout: farewellSeconds }).finally(() => givenUp.delete(farewell))
    givenUp.add(farewell)
  }
  const end: Sql['end'] = async (how) => {
    hasEnded = true
    await Promise.all([current.end(how), ...givenUp])
  }
  let current = open()
  return new Proxy(current, {
    apply: (_, self, args) => Reflect.apply(current, self, args) as unknown,
    get: (_, name) => (name === 'end' ? end : (Reflect.get(current, name) as unknown)),
  })
}

/** What is under way on the other connections of a pool that has lost one is given this long to end. */
const farewellSeconds = 1

function openPool(url: string, options: postgres.Options<{}>): Sql {
  const address = new URL(url)
  const socketFolder = address.searchParams.get('host')
  address.searchParams.delete('host')
  return postgres(address.href, {
    ...(socketFolder && { host: socketFolder }),
    // postgres.js would come to wait 20 seconds between attempts, and so for as long after Postgres is back.
    backoff: (attempts: number) => Math.min(0.5, 0.02 * 2 ** attempts),
    // Nothing ends a connection but a loss, or the end of its pool.
    max_lifetime: null,
    fetch_types: false,
    ...options,
    connection: { application_name: 'hearth', ...options.connection },
    types: { ...arrayTypes, ...options.types, bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  }) as unknown as Sql
}
