import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { connect, type Sql } from '#node/db/connect.ts'
import { Pipeline } from '#node/db/pipeline.ts'
import { templateName } from './postgres-server.ts'

/** A database of one test's own. */
export interface TestDatabase {
  readonly sql: Sql
  readonly pipeline: Pipeline
  /** As `DATABASE_URL`, it starts a node on this database. */
  readonly url: string
  readonly schema: string
  /** Closes the connections, and removes the database even while others are connected. */
  drop(): Promise<void>
}

/**
 * A fresh database with the whole schema, a copy of the template: about 70 ms. Notifications and advisory locks do not cross databases,
 * so tests may run side by side. `empty` gives one without any table.
 */
export async function testDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const serverUrl = inject('postgresUrl')
  const name = `hearth_test_${randomBytes(6).toString('hex')}`
  const admin = connect(serverUrl, { max: 1, onnotice: () => undefined })
  const template = options.empty ? 'template0' : templateName
  await admin`create database ${admin(name)} template ${admin(template)}`
  await admin.end()
  const address = new URL(serverUrl)
  address.pathname = `/${name}`
  const sql = connect(address.href, { onnotice: () => undefined })
  const pipeline = new Pipeline(address.href, { onnotice: () => undefined })
  const close = () => Promise.all([sql.end({ timeout: 1 }), pipeline.end()])
  return { sql, pipeline, url: address.href, schema: 'public', drop: () => close().then(() => drop(serverUrl, name)) }
}

async function drop(serverUrl: string, name: string): Promise<void> {
  const admin = connect(serverUrl, { max: 1, onnotice: () => undefined })
  await admin`drop database if exists ${admin(name)} with (force)`
  await admin.end()
}
