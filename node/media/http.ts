import * as api from '#spec/api/client/media.ts'
import { notFound } from '#spec/errors.ts'
import { mxcOf, type MediaId, type ServerName } from '#spec/ids.ts'
import { RawJson, route, type Route } from '#node/http/route.ts'
import { download } from './download.ts'
import { previewOf } from './preview.ts'
import { thumbnail } from './thumbnail.ts'
import { announceFile, uploadFile, uploadTo } from './upload.ts'

const addressOf = ({ serverName: server, mediaId }: { serverName: ServerName; mediaId: MediaId }) => ({
  server,
  mediaId,
})

const frozen = () => {
  throw notFound('There is no such file here; downloads need a login.')
}

export const routes: readonly Route[] = [
  route(api.getMediaConfig, ({ config }) => ({ 'm.upload.size': config.maxUploadBytes })),
  route(api.uploadMedia, async (deps, { identity, query, upload }) => ({
    content_uri: mxcOf(await uploadFile(deps, identity.userId, upload, query.filename)),
  })),
  route(api.createMedia, async (deps, { identity }) => {
    const { address, expiresAt } = await announceFile(deps, identity.userId)
    return { content_uri: mxcOf(address), unused_expires_at: expiresAt }
  }),
  route(api.uploadToAddress, async (deps, { identity, params, query, upload }) => {
    await uploadTo(deps, identity.userId, addressOf(params), upload, query.filename)
    return {}
  }),
  route(api.downloadMedia, (deps, { params, query, signal }) =>
    download(deps, addressOf(params), { timeoutMs: query.timeout_ms, signal }),
  ),
  route(api.downloadMediaAs, (deps, { params, query, signal }) =>
    download(deps, addressOf(params), { timeoutMs: query.timeout_ms, signal }, params.fileName),
  ),
  route(api.getThumbnail, (deps, { params, query, signal }) => {
    const { method = 'scale', width, height, animated = false } = query
    const patience = { timeoutMs: query.timeout_ms, signal }
    return thumbnail(deps, addressOf(params), { method, width, height, animated }, patience)
  }),
  route(
    api.getUrlPreview,
    async (deps, { identity, query }) => new RawJson(await previewOf(deps, identity.userId, query.url)),
  ),
  route(api.downloadMediaUnauthenticated, frozen),
  route(api.downloadMediaAsUnauthenticated, frozen),
  route(api.getThumbnailUnauthenticated, frozen),
]
