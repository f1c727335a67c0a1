import type { Sql } from '#node/db/connect.ts'
import type { ServedSlices } from './serve-slices.ts'

/** Written down every minute, whatever was asked. */
const passing = ['last_seen_at', 'last_seen_address', 'last_seen_user_agent']

/** A checksum of every table of a database but the list of what administrators called, by name: what a request that was refused leaves as it was. */
export async function checksums(sql: Sql): Promise<Record<string, string>> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'admin_calls' order by 1`
  const sums = tables.map(
    ({ name }) => sql`
      select ${name}::text as name,
        count(*) || ' rows ' || coalesce(md5(string_agg((to_jsonb(t) - ${passing}::text[])::text, ';' order by t::text)), '') as sum
      from ${sql(name)} t`,
  )
  const rows = await sql<{ name: string; sum: string }[]>`
    ${sums.reduce((all, one) => sql`${all} union all ${one}`)}`
  return Object.fromEntries(rows.map(({ name, sum }) => [name, sum]))
}

/** Waits until nothing changes any more: what was asked for has been done, and what that asked for, too. */
export async function settled({ worker, deps, database }: ServedSlices): Promise<void> {
  for (let before = ''; ;) {
    await worker.idle()
    await deps.stream.idle()
    const now = JSON.stringify(await checksums(database.sql))
    if (now === before) return
    before = now
  }
}
