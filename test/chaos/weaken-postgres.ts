import { roleName } from '#node/db/cluster.ts'
import { connectTo } from './running-postgres.ts'

/*
 * The planted fault: a Postgres that says "committed" before it has written anything down. A node refuses to start on such a one, so it is
 * made so behind the node's back. The settings of the embedded Postgres stand on its command line; only what is said of a role stands above
 * that, and only for new connections.
 */

/** From now on a killed Postgres forgets what it has committed in its last seconds. */
export async function weakenPostgres(dataDir: string): Promise<void> {
  const sql = connectTo(dataDir)
  // Nothing is written until the writer's next round, or until its buffers are full.
  await sql`alter system set wal_writer_delay = '10s'`
  await sql`alter system set wal_writer_flush_after = '1GB'`
  await sql`select pg_reload_conf()`
  await sql`alter role ${sql(roleName)} set synchronous_commit = off`
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${roleName} and pid <> pg_backend_pid()`
  await sql.end()
}

/** As it was, so that a node may start on it. */
export async function mendPostgres(dataDir: string): Promise<void> {
  const sql = connectTo(dataDir)
  await sql`alter role ${sql(roleName)} reset synchronous_commit`
  await sql`alter system reset wal_writer_delay`
  await sql`alter system reset wal_writer_flush_after`
  await sql.end()
}
