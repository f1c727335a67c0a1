import { expect } from 'vitest'
import * as api from '#spec/api/client/media.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { parseMxc } from '#spec/ids.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { slices } from '#node/slices.ts'
import type { Person } from '#test/people.ts'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'

/** The whole node, where anybody may register. */
export const serveMedia = (settings: Record<string, string> = {}): Promise<ServedSlices> =>
  serveSlices(slices, {
    identifyToken,
    prepare: (deps) => lowerPasswordCost(deps),
    settings: { HEARTH_REGISTRATION: 'open', ...settings },
  })

export interface MediaCall {
  readonly who?: Person | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly method?: string
  readonly body?: BodyInit | Uint8Array
}

/** Calls an endpoint whose request or answer is a file. */
export function callMedia(node: ServedSlices, endpoint: Endpoint, call: MediaCall): Promise<Response> {
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(call.params![name]!))
  const query = call.query ? `?${new URLSearchParams(call.query)}` : ''
  return fetch(node.address + path + query, {
    method: call.method ?? endpoint.method,
    headers: { ...(call.who && { authorization: `Bearer ${call.who.token}` }), ...call.headers },
    ...(call.body !== undefined && { body: call.body, duplex: 'half' }),
  } as RequestInit)
}

/** Uploads, and answers with the address. */
export async function upload(
  node: ServedSlices,
  who: Person,
  body: BodyInit | Uint8Array,
  { type = 'text/plain', filename }: { type?: string; filename?: string } = {},
): Promise<string> {
  const query = filename === undefined ? {} : { filename }
  const response = await callMedia(node, api.uploadMedia, { who, query, headers: { 'content-type': type }, body })
  const answer = (await response.json()) as { content_uri: string }
  expect([response.status, answer]).toEqual([
    200,
    { content_uri: expect.stringMatching(/^mxc:\/\/localhost\/[\w-]{32}$/) },
  ])
  return answer.content_uri
}

export function paramsOf(uri: string): Record<string, string> {
  const { server, mediaId } = parseMxc(uri)!
  return { serverName: server, mediaId }
}

export const download = (node: ServedSlices, who: Person | undefined, uri: string, more: MediaCall = {}) =>
  callMedia(node, api.downloadMedia, { who, params: paramsOf(uri), ...more })

/** `404 M_NOT_FOUND` */
export async function refusalIn(response: Response): Promise<string> {
  const body = (await response.json()) as { errcode?: string; error?: string }
  expect(body.error).toMatch(/\w.{8,}/)
  return `${response.status} ${body.errcode}`
}
