import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import type { TestProject } from 'vitest/node'
import { StartError } from '#node/config.ts'
import { connect } from '#node/db/connect.ts'
import { startEmbedded } from '#node/db/embedded.ts'
import { migrate } from '#node/db/migrate.ts'
import { clearLeftover } from '#node/db/postmaster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the tests' Postgres lets its superuser in. */
    postgresUrl: string
  }
}

/** The database that every test database is a copy of. */
export const templateName = 'hearth_test_template'

interface Server {
  readonly url: string
  stop(): Promise<void>
}

const log = pino({ level: 'warn' }, pino.destination(2))

/** vitest calls this once before all workers: one Postgres for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer()
  await makeTemplate(server.url)
  project.provide('postgresUrl', server.url)
  return () => server.stop()
}

/** `DATABASE_URL` (its user must be a superuser), else the embedded Postgres, else, where npm brings none for this machine, a container. */
async function startServer(): Promise<Server> {
  const given = process.env['DATABASE_URL']
  if (given) return { url: given, stop: async () => undefined }
  try {
    return await startTemporary()
  } catch (error) {
    if (error instanceof StartError && error.message.includes('no embedded Postgres')) return startContainer()
    throw error
  }
}

const folderPrefix = `hearth-test-postgres-`

/** An embedded Postgres in a temporary folder that bears the process id of this run, so that a later run clears away what a killed one left. */
export async function startTemporary(): Promise<Server> {
  await sweep()
  const dataDir = mkdtempSync(join(tmpdir(), `${folderPrefix}${process.pid}-`))
  const embedded = await startEmbedded({ dataDir, log, settings: { max_connections: '400' } })
  return {
    url: embedded.url,
    stop: async () => {
      await embedded.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1])
    if (!pid || isAlive(pid)) continue
    await clearLeftover(join(tmpdir(), name, 'postgres'), log)
    rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function startContainer(): Promise<Server> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const container = await new GenericContainer('postgres:18')
    .withEnvironment({ POSTGRES_PASSWORD: 'test', POSTGRES_INITDB_ARGS: '--data-checksums --encoding=UTF8' })
    .withCommand(['postgres', '-c', 'max_connections=400'])
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start()
  return {
    url: `postgres://postgres:test@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    stop: async () => void (await container.stop()),
  }
}

async function makeTemplate(url: string): Promise<void> {
  const admin = connect(url, { max: 1, onnotice: () => undefined })
  await admin`drop database if exists ${admin(templateName)} with (force)`
  await admin`create database ${admin(templateName)} template template0 encoding 'UTF8' locale 'C'`
  await admin.end()
  const address = new URL(url)
  address.pathname = `/${templateName}`
  const sql = connect(address.href, { max: 1, onnotice: () => undefined })
  await migrate(sql, { folder: '/tmp/accounts-work/mig' })
  await sql.end()
}
