import postgres from 'postgres'

/** A pool of connections. */
export type Sql = postgres.Sql

/**
 * Opens a pool. `host` in the query of the URL names the folder of a Unix socket, as libpq has it; other names in the query are settings
 * of the session (`search_path`). A bigint is read as a number: positions and times stay far below 2^53.
 */
export function connect(url: string, options: postgres.Options<{}> = {}): Sql {
  const address = new URL(url)
  const socketFolder = address.searchParams.get('host')
  address.searchParams.delete('host')
  return postgres(address.href, {
    ...(socketFolder && { host: socketFolder }),
    // postgres.js would come to wait 20 seconds between attempts, and so for as long after Postgres is back.
    backoff: (attempts: number) => Math.min(0.5, 0.02 * 2 ** attempts),
    ...options,
    connection: { application_name: 'hearth', ...options.connection },
    types: { ...options.types, bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  }) as unknown as Sql
}
