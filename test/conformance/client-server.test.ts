import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { world, type World } from '#test/world.ts'
import { exceptions, scenarios } from './operations/all.ts'
import { keyOf, readOfficialApi, type Operation } from './official-api.ts'
import { eventBreaches, eventsIn, readEventSchemas } from './event-schemas.ts'
import { officialCaller, type Judged, type OfficialCaller } from './official-caller.ts'
import { provokeLimits } from './rate-limits.ts'
import { resultsOf } from './results.ts'
import { runScenario } from './run-scenario.ts'
import { callerOf, makeStage, type Stage } from './stage.ts'
import { goodPassword } from '#test/world-node.ts'

/*
 * Every operation of the Client-Server API is called on a whole node, with success and with the refusals that it describes, and every answer is held against the
 * official description (MATRIX_SPEC_DIR names its folder). What came of it stands in results.json; `vitest -u` writes it anew.
 */

const folder = process.env['MATRIX_SPEC_DIR']
const official: ReadonlyMap<string, Operation> = folder ? readOfficialApi(folder) : new Map<string, Operation>()
const wanted = [...official].filter(([, { isDeprecated }]) => !isDeprecated)
const declared = new Map(
  Object.entries(scenarios).map(([name, scenario]) => {
    const [method, path] = name.split(' ') as [string, string]
    return [keyOf({ method, path }), { name, scenario }]
  }),
)

let home: World
let calls: OfficialCaller
let stage: Stage
beforeAll(async () => {
  if (!folder) return
  home = await world({ settings })
  const { baseUrl, serverName, setupToken } = home.nodes[0]!
  calls = officialCaller(baseUrl, official)
  const auth = { type: 'm.login.registration_token', token: await setupToken() }
  const page = await servePage(address)
  const body = { username: 'admin', password: goodPassword, auth }
  const admin = callerOf(await calls.call('POST /_matrix/client/v3/register', 200, { body }))
  stage = makeStage(calls, { baseUrl, serverName, page, admin })
})
afterAll(async () => {
  await home?.stop()
  web.closeAllConnections()
  web.close()
})

/** An address of this machine that no other test has. */
const address = `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(1, 255)}`
const settings = {
  HEARTH_MAX_UPLOAD_BYTES: '1000000',
  HEARTH_ADMIN_CONTACT: '@admin:one.test,help@mail.example',
  HEARTH_SUPPORT_PAGE: 'https://help.example/',
  HEARTH_TURN_URIS: 'turn:turn.example?transport=udp',
  HEARTH_TURN_SECRET: 'shared',
  HEARTH_ALLOW_ADDRESSES: `${address}/32`,
}

const web = createServer((_, response) => {
  const head = '<title>Soup</title><meta property="og:description" content="How to make it">'
  response.writeHead(200, { 'content-type': 'text/html' }).end(`<html><head>${head}</head><body></body></html>`)
})
async function servePage(host: string): Promise<string> {
  // A port that pages may be fetched from.
  await once(web.listen(8448, host), 'listening')
  return `http://${host}:8448/soup`
}

/** Answers of a node that slows people down. */
const refused: Judged[] = []

/** Events that a node makes by itself, or that clients have it make. */
const ownTypes = [
  ...['create', 'member', 'power_levels', 'join_rules', 'history_visibility', 'guest_access', 'canonical_alias', 'name']
    .concat('topic', 'encryption', 'tombstone', 'redaction', 'message')
    .map((name) => `m.room.${name}`),
  ...['m.receipt', 'm.typing', 'm.presence', 'm.push_rules', 'm.tag', 'm.direct', 'm.ignored_user_list'],
  ...['m.fully_read', 'm.marked_unread', 'm.space.child', 'm.reaction', 'm.dummy'],
]

describe.skipIf(!folder)('the Client-Server API, where MATRIX_SPEC_DIR names a folder', () => {
  test('has a scenario for every operation, or a reason why not', () => {
    const missing = wanted.map(([key]) => key).filter((key) => !declared.has(key) && !(key in exceptions))
    expect(missing).toEqual([])
    expect([...declared.keys()].filter((key) => !official.has(key))).toEqual([])
  })

  test.each(
    [...declared].filter(([key]) => !(key in exceptions)).map(([key, { name, scenario }]) => ({ key, name, scenario })),
  )('$name', async ({ key, name, scenario }) => {
    await runScenario(name, scenario, { official: calls, stage, operation: official.get(key)! })
  })

  test.each(Object.entries(exceptions))('%s is not there: %s', async (key) => {
    const [method, path] = key.split(' ') as [string, string]
    const response = await fetch(stage.baseUrl + path.replaceAll('{}', 'x'), { method, redirect: 'manual' })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ errcode: 'M_UNRECOGNIZED' })
  })

  test('refuses one call too many, wherever that is described', { timeout: 240_000 }, async () => {
    const limited = await world({ settings: { HEARTH_RATE_LIMITS: 'on' } })
    onTestFinished(() => limited.stop())
    const caller = officialCaller(limited.nodes[0]!.baseUrl, official)
    const body = { username: 'ayse', password: goodPassword, auth: { type: 'm.login.dummy' } }
    const ayse = callerOf(await caller.call('POST /_matrix/client/v3/register', 200, { body }))
    const operations = wanted
      .filter(([key, { mediaTypes }]) => '429' in mediaTypes && !(key in exceptions))
      .map(([, operation]) => operation)
    const refusals = await provokeLimits(caller, ayse, operations)
    expect(refusals.flatMap(({ violations }) => violations)).toEqual([])
    refused.push(...refusals)
  })

  test('shows no event that breaks the schema of its type', () => {
    const schemas = readEventSchemas(folder!)
    const events = calls.answers.flatMap(({ body }) => eventsIn(body))
    expect([...new Set(events.flatMap((event) => eventBreaches(schemas, event)))]).toEqual([])
    const seen = new Set(events.map(({ type }) => type))
    expect(ownTypes.filter((type) => !seen.has(type))).toEqual([])
  })

  test('gives the answers that stand in results.json', async () => {
    const results = resultsOf([...calls.answers, ...refused], wanted, exceptions)
    const { totals } = JSON.parse(results) as {
      totals: Record<'operations' | 'covered' | 'left_out' | 'violations', number>
    }
    expect(totals.covered + totals.left_out).toBe(totals.operations)
    expect(totals.violations).toBe(0)
    await expect(results).toMatchFileSnapshot('results.json')
  })
})
