import * as z from 'zod/mini'
import { pathText } from '#spec/api/path-text.ts'
import { queryBoolean, queryInteger } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { mediaId, serverName } from '#spec/ids.ts'

/** The longest name of a file, in UTF-16 units. Ours: the specification names none. */
export const maxFilenameLength = 255
/** The longest address whose page is previewed, in UTF-16 units. Ours. */
export const maxPreviewUrlLength = 2_048
/** How long a download waits for a file that is announced, in ms, where the caller does not say. Client-Server API, "Content repository". */
export const defaultUploadWaitMs = 20_000
/** The longest such wait, in ms. Ours. */
export const maxUploadWaitMs = 60_000
const address = { serverName, mediaId }
const filename = z.optional(z.string().check(z.maxLength(maxFilenameLength)))
const wait = {
  /** How long to wait, in ms, for a file that is announced and not uploaded yet. More than `maxUploadWaitMs` is taken for that. */
  timeout_ms: z.optional(queryInteger(0)),
}

/**
 * GET /_matrix/client/v1/media/config
 *
 * What files this node takes: `m.upload.size` is the largest, in bytes.
 * Source: Client-Server API, "Content repository".
 */
export const getMediaConfig = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/media/config',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({ 'm.upload.size': z.optional(z.int()) }),
})

/**
 * POST /_matrix/media/v3/upload
 *
 * Uploads a file, and answers with its address, `mxc://…`. The body is the file; Content-Type says what it is (`application/octet-stream` if absent).
 * What has been answered with 200 is on disk.
 *
 * 413 M_TOO_LARGE: larger than the node takes. 403 M_FORBIDDEN: the caller's share of space is used up, or these very bytes are not wanted.
 * Source: Client-Server API, "Content repository".
 */
export const uploadMedia = endpoint({
  method: 'POST',
  path: '/_matrix/media/v3/upload',
  auth: 'token',
  limit: 'write',
  requestBody: 'bytes',
  query: z.object({ filename }),
  response: z.looseObject({ content_uri: z.string() }),
})

/**
 * POST /_matrix/media/v1/create
 *
 * Makes an address for a file that is uploaded later, so that a message can name it meanwhile. `unused_expires_at` is when the address
 * expires if nothing is uploaded, in milliseconds since the Unix epoch. 429 M_LIMIT_EXCEEDED: too many addresses of the caller wait for a file.
 * Source: Client-Server API, "Content repository".
 */
export const createMedia = endpoint({
  method: 'POST',
  path: '/_matrix/media/v1/create',
  auth: 'token',
  limit: 'write',
  response: z.looseObject({ content_uri: z.string(), unused_expires_at: z.optional(z.int()) }),
})

/**
 * PUT /_matrix/media/v3/upload/{serverName}/{mediaId}
 *
 * Uploads the file of an address that `createMedia` has made. Downloads that wait for it are answered.
 *
 * 403 M_FORBIDDEN: another user's address, or as for `uploadMedia`. 404: no such address, or expired. 409 M_CANNOT_OVERWRITE_MEDIA: it has a file.
 * 413 M_TOO_LARGE: larger than the node takes.
 * Source: Client-Server API, "Content repository".
 */
export const uploadToAddress = endpoint({
  method: 'PUT',
  path: '/_matrix/media/v3/upload/{serverName}/{mediaId}',
  auth: 'token',
  limit: 'write',
  requestBody: 'bytes',
  params: z.object(address),
  query: z.object({ filename }),
  response: z.looseObject({}),
})

/**
 * GET /_matrix/client/v1/media/download/{serverName}/{mediaId}
 *
 * A file, whole or in part (Range). It is sent as `inline` only if its type is harmless in a browser, else as `attachment`.
 * 404: no such file. 504 M_NOT_YET_UPLOADED: announced, and not uploaded within `timeout_ms`.
 * Source: Client-Server API, "Content repository".
 */
export const downloadMedia = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/media/download/{serverName}/{mediaId}',
  auth: 'token',
  limit: 'read',
  responseBody: 'bytes',
  params: z.object(address),
  query: z.object(wait),
  response: z.object({}),
})

/**
 * GET /_matrix/client/v1/media/download/{serverName}/{mediaId}/{fileName}
 *
 * The same, under another name.
 * Source: Client-Server API, "Content repository".
 */
export const downloadMediaAs = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/media/download/{serverName}/{mediaId}/{fileName}',
  auth: 'token',
  limit: 'read',
  responseBody: 'bytes',
  params: z.object({ ...address, fileName: pathText.check(z.maxLength(maxFilenameLength)) }),
  query: z.object(wait),
  response: z.object({}),
})

const thumbnailQuery = z.object({
  /** In pixels; the thumbnail may be larger. */
  width: queryInteger(1, 100_000),
  height: queryInteger(1, 100_000),
  /** `crop` fills the asked proportions, `scale` keeps those of the picture. `scale` where it is not said. */
  method: z.optional(z.enum(['crop', 'scale'])),
  /** Whether a moving picture is wanted where there is one. */
  animated: z.optional(queryBoolean),
  ...wait,
})

/**
 * GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}
 *
 * A smaller picture of a picture: at least of the asked size, unless the picture itself is smaller; then it is sent as it is.
 *
 * 400 M_UNKNOWN: not a picture that is drawn here (JPEG, PNG, GIF and WebP are). 413 M_TOO_LARGE: it has too many pixels.
 * 404, 504: as for `downloadMedia`.
 * Source: Client-Server API, "Content repository".
 */
export const getThumbnail = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}',
  auth: 'token',
  limit: 'read',
  responseBody: 'bytes',
  params: z.object(address),
  query: thumbnailQuery,
  response: z.object({}),
})

/**
 * GET /_matrix/client/v1/media/preview_url
 *
 * What a page of the web says of itself, by the names of the OpenGraph protocol; `og:image` is a file of this node, with its size in bytes
 * as `matrix:image:size`. The node looks at the page, not the client: nobody there learns who asked.
 *
 * 404: there is nothing to show, for whatever reason. 400 M_INVALID_PARAM: not an address of the web.
 * 429 M_LIMIT_EXCEEDED: the caller has had too many pages looked at.
 * Source: Client-Server API, "Content repository".
 */
export const getUrlPreview = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/media/preview_url',
  auth: 'token',
  limit: 'search',
  query: z.object({
    url: z.string().check(z.minLength(1), z.maxLength(maxPreviewUrlLength)),
    /** The moment that the page is wanted of, in milliseconds since the Unix epoch. The newest look at it is always the answer. */
    ts: z.optional(queryInteger(0)),
  }),
  response: z.looseObject({ 'og:image': z.optional(z.string()), 'matrix:image:size': z.optional(z.int()) }),
})

const frozen = { auth: 'none', limit: 'read', responseBody: 'bytes', response: z.object({}) } as const

/**
 * GET /_matrix/media/v3/download/{serverName}/{mediaId}
 *
 * What files were downloaded with before downloads asked for a token. Frozen, as version 1.12 has it, since before the first upload:
 * 404 M_NOT_FOUND in every case.
 * Source: Client-Server API, "Content repository".
 */
export const downloadMediaUnauthenticated = endpoint({
  method: 'GET',
  path: '/_matrix/media/v3/download/{serverName}/{mediaId}',
  params: z.object(address),
  ...frozen,
})

/**
 * GET /_matrix/media/v3/download/{serverName}/{mediaId}/{fileName}
 *
 * The same, under another name. 404 M_NOT_FOUND in every case.
 * Source: Client-Server API, "Content repository".
 */
export const downloadMediaAsUnauthenticated = endpoint({
  method: 'GET',
  path: '/_matrix/media/v3/download/{serverName}/{mediaId}/{fileName}',
  params: z.object({ ...address, fileName: pathText }),
  ...frozen,
})

/**
 * GET /_matrix/media/v3/thumbnail/{serverName}/{mediaId}
 *
 * The thumbnail without a token: 404 M_NOT_FOUND in every case.
 * Source: Client-Server API, "Content repository".
 */
export const getThumbnailUnauthenticated = endpoint({
  method: 'GET',
  path: '/_matrix/media/v3/thumbnail/{serverName}/{mediaId}',
  params: z.object(address),
  ...frozen,
})
