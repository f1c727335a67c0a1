import * as media from '#spec/api/client/media.ts'
import { parseMxc } from '#spec/ids.ts'
import type { Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

/** A PNG of one pixel. */
export const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** Uploads a file, and answers its address. */
export async function putFile(
  node: ServedSlices,
  { token }: Person,
  body: BodyInit,
): Promise<{ serverName: string; mediaId: string }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' }
  const response = await fetch(node.address + media.uploadMedia.path, { method: 'POST', headers, body })
  const { server, mediaId } = parseMxc(((await response.json()) as { content_uri: string }).content_uri)!
  return { serverName: server, mediaId }
}
