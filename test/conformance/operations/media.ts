import { parseMxc } from '#spec/ids.ts'
import { client1, textAt, type Scenarios, type Stage } from '../stage.ts'
import type { Caller } from '../official-caller.ts'

const upload = 'POST /_matrix/media/v3/upload'
const create = 'POST /_matrix/media/v1/create'
const text = { 'content-type': 'text/plain' }
const nowhere = { serverName: 'one.test', mediaId: 'none' }
const small = { width: '16', height: '16' }
/** A PNG of one pixel. */
const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

function addressIn(uri: string) {
  const { server: serverName, mediaId } = parseMxc(uri)!
  return { serverName, mediaId }
}

async function uploaded({ act }: Stage, as: Caller) {
  const answer = await act(upload, { as, query: { filename: 'a.txt' }, headers: text, body: 'a file' })
  return addressIn(textAt(answer, 'content_uri'))
}

/** The description knows bodies of JSON and text; a picture goes up by hand. */
async function picture({ baseUrl }: Stage, { token }: Caller) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'image/png' }
  const body = Buffer.from(dot, 'base64')
  const response = await fetch(`${baseUrl}/_matrix/media/v3/upload`, { method: 'POST', headers, body })
  return addressIn(((await response.json()) as { content_uri: string }).content_uri)
}

export const media: Scenarios = {
  [upload]: async ({ admin: as }, call) => {
    await call(200, { as, query: { filename: 'a.txt' }, headers: text, body: 'a file' })
    await call('413 M_TOO_LARGE', { as, headers: text, body: 'x'.repeat(1_000_001) })
  },
  [create]: ({ admin: as }, call) => call(200, { as }),
  'PUT /_matrix/media/v3/upload/{serverName}/{mediaId}': async ({ admin: as, person, act }, call) => {
    const params = addressIn(textAt(await act(create, { as }), 'content_uri'))
    await call('403 M_FORBIDDEN', { as: await person(), params, headers: text, body: 'a file' })
    await call(200, { as, params, headers: text, body: 'a file' })
    await call('409 M_CANNOT_OVERWRITE_MEDIA', { as, params, headers: text, body: 'a file' })
    await call('404 M_NOT_FOUND', { as, params: nowhere, headers: text, body: 'a file' })
    const next = addressIn(textAt(await act(create, { as }), 'content_uri'))
    await call('413 M_TOO_LARGE', { as, params: next, headers: text, body: 'x'.repeat(1_000_001) })
  },
  [`GET ${client1}/media/config`]: ({ admin: as }, call) => call(200, { as }),
  [`GET ${client1}/media/download/{serverName}/{mediaId}`]: async (stage, call) => {
    const as = stage.admin
    await call(200, { as, params: await uploaded(stage, as) })
    await call('404 M_NOT_FOUND', { as, params: nowhere })
    const awaited = addressIn(textAt(await stage.act(create, { as }), 'content_uri'))
    await call('504 M_NOT_YET_UPLOADED', { as, params: awaited, query: { timeout_ms: '1' } })
  },
  [`GET ${client1}/media/download/{serverName}/{mediaId}/{fileName}`]: async (stage, call) => {
    const as = stage.admin
    await call(200, { as, params: { ...(await uploaded(stage, as)), fileName: 'b.txt' } })
    await call('404 M_NOT_FOUND', { as, params: { ...nowhere, fileName: 'b.txt' } })
  },
  [`GET ${client1}/media/thumbnail/{serverName}/{mediaId}`]: async (stage, call) => {
    const as = stage.admin
    const params = await picture(stage, as)
    await call(200, { as, params, query: small })
    await call(200, { as, params, query: { ...small, method: 'crop' } })
    await call('404 M_NOT_FOUND', { as, params: nowhere, query: small })
    await call('400 M_UNKNOWN', { as, params: await uploaded(stage, as), query: small })
    await call('400 M_MISSING_PARAM', { as, params, query: {} })
  },
  [`GET ${client1}/media/preview_url`]: async ({ admin: as, page }, call) => {
    await call(200, { as, query: { url: page } })
    await call('404 M_NOT_FOUND', { as, query: { url: 'http://127.0.0.1/' } })
    await call('400 M_INVALID_PARAM', { as, query: { url: 'no link' } })
    await call('400 M_MISSING_PARAM', { as, query: {} })
  },
}
