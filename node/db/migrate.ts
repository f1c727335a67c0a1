import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { StartError } from '../config.ts'
import type { Sql } from './connect.ts'
import { transaction, type Tx } from './transaction.ts'

interface Migration {
  readonly version: number
  readonly name: string
  readonly path: string
  readonly sha256: string
}

const ourMigrations = fileURLToPath(new URL('./migrations/', import.meta.url))

/**
 * Brings the database to this version of the code: runs the files of `migrations/` that it has not seen, in order, each in its own transaction.
 * Refuses a database that a newer Hearth wrote, or that was made by a file that has been edited since. Gives the names of those that ran.
 */
export async function migrate(sql: Sql, options: { folder?: string } = {}): Promise<string[]> {
  const migrations = readMigrations(options.folder ?? ourMigrations)
  await transaction(sql, createTable)
  const ran: string[] = []
  for (const migration of migrations) {
    if (await transaction(sql, (tx) => apply(tx, migration))) ran.push(migration.name)
  }
  await refuseNewer(sql, migrations)
  return ran
}

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
  return names.toSorted().map((name, index) => {
    const version = Number(name.slice(0, 4))
    if (version !== index + 1) throw new Error(`migration ${name} is out of order: ${index + 1} was expected`)
    const path = `${folder}/${name}`
    return { version, name, path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') }
  })
}

/** One start at a time: the lock lasts until the end of the transaction. */
const lock = (tx: Tx) => tx`select pg_advisory_xact_lock(hashtext('hearth migrate'), hashtext(current_schema()))`

async function createTable(tx: Tx): Promise<void> {
  await lock(tx)
  const [table] =
    await tx`select 1 from pg_tables where schemaname = current_schema() and tablename = 'schema_migrations'`
  if (table) return
  await tx`
    create table schema_migrations (
      version int primary key,
      name text not null,
      sha256 text not null,
      applied_at timestamptz not null default now()
    )`
}

/** Runs one migration unless the database has it; says whether it ran. */
async function apply(tx: Tx, { version, name, path, sha256 }: Migration): Promise<boolean> {
  await lock(tx)
  const [seen] = await tx<{ sha256: string }[]>`select sha256 from schema_migrations where version = ${version}`
  if (seen?.sha256 === sha256) return false
  if (seen) {
    throw new StartError(
      `The migration ${name} has been changed since this database was made with it: restore that file, and put the change into a new migration.`,
    )
  }
  await tx.file(path)
  await tx`insert into schema_migrations ${tx({ version, name, sha256 })}`
  return true
}

async function refuseNewer(sql: Sql, migrations: readonly Migration[]): Promise<void> {
  const [newer] = await sql<{ name: string }[]>`
    select name from schema_migrations where version > ${migrations.length} order by version desc limit 1`
  if (newer) {
    throw new StartError(
      `This database was written by a newer Hearth (${newer.name}): start that version, or a later one.`,
    )
  }
}
