import { availableParallelism } from 'node:os'
import { invalidParam, limitExceeded, notFound } from '#spec/errors.ts'
import { mxcOf, serverName, type UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { OutsideError, type OutsideAnswer } from '#node/outside/outside-call.ts'
import { fetchPage, isBlocked, previewMs, webAddress } from './fetch-page.ts'
import type { PageFacts } from './page-facts.ts'
import { keepPicture, type KeptPicture } from './preview-picture.ts'
import type { PageJob } from './read-page.ts'
import { SideError, SideProcesses } from './side-processes.ts'
import * as store from './store.ts'

/** What is read of a page: its head is at its beginning. */
const maxPageBytes = 1_048_576
const maxPictureBytes = 5 * 1024 * 1024
const freshMs = 3_600_000
/** What could not be shown may be back soon. */
const failureFreshMs = 300_000
/** Pictures of previews are in the timelines of clients for some days. */
const keptMs = 7 * 86_400_000
const mostAtOnce = 20
/** Addresses that one person may have looked at anew within 24 hours: each may bring a picture. */
export const maxLooksPerDay = 300
const dayMs = 86_400_000

export const readersOf = perNode(
  ({ clock, log }) =>
    new SideProcesses<PageJob, PageFacts>(clock, log, {
      module: new URL('./read-page.ts', import.meta.url),
      deadlineMs: 2_000,
      most: availableParallelism(),
      maxWaiting: mostAtOnce,
      heapMb: 64,
    }),
)

const underWayOf = perNode(() => new Map<string, Promise<string>>())

/** What an address of the web looks like, as JSON text. Throws M_NOT_FOUND, whatever the reason: nobody learns here who answers in our network. */
export async function previewOf(deps: Deps, userId: UserId, text: string): Promise<string> {
  const url = webAddress(text)
  if (url === undefined) throw invalidParam('This is not an address of the web.')
  if (isBlocked(deps, url)) throw nothingToShow()
  const now = deps.clock.now()
  const known = await store.readPreview(deps.sql, url.href)
  const lifeMs = known?.preview === none ? failureFreshMs : freshMs
  const preview = known && known.fetchedAt > now - lifeMs ? known.preview : await lookOnce(deps, userId, url)
  if (preview === none) throw nothingToShow()
  return preview
}

/** What is remembered of an address that has nothing to show. */
const none = 'null'
const nothingToShow = () => notFound('There is no preview of this address.')

const looksOf = perNode(() => new Map<UserId, { since: number; count: number }>())

function countLook(deps: Deps, userId: UserId): void {
  const looks = looksOf(deps)
  const now = deps.clock.now()
  const known = looks.get(userId)
  const own = known && known.since > now - dayMs ? known : { since: now, count: 0 }
  if (own.count >= maxLooksPerDay) throw limitExceeded(own.since + dayMs - now)
  looks.set(userId, { ...own, count: own.count + 1 })
}

function lookOnce(deps: Deps, userId: UserId, url: URL): Promise<string> {
  const underWay = underWayOf(deps)
  const found = underWay.get(url.href)
  if (found) return found
  if (underWay.size >= mostAtOnce) throw limitExceeded(1_000)
  countLook(deps, userId)
  const looking = lookAndKeep(deps, url).finally(() => underWay.delete(url.href))
  underWay.set(url.href, looking)
  return looking
}

async function lookAndKeep(deps: Deps, url: URL): Promise<string> {
  const { preview, picture } = await look(deps, url)
  const text = preview === undefined ? none : JSON.stringify(preview)
  const now = deps.clock.now()
  const row = {
    url: url.href,
    preview: text,
    fetchedAt: now,
    expiresAt: now + keptMs,
    mediaId: picture?.mediaId ?? null,
  }
  await store.insertPreview(deps.sql, row)
  return text
}

interface Seen {
  /** Absent: there is nothing to show. */
  readonly preview?: Readonly<Record<string, string | number>>
  readonly picture?: KeptPicture | undefined
}

async function look(deps: Deps, url: URL): Promise<Seen> {
  const until = deps.clock.now() + previewMs
  try {
    const page = await fetchPage(deps, url, { maxBytes: maxPageBytes, until, cut: true })
    if (page.status !== 200) return {}
    const type = typeOf(page)
    if (type.startsWith('image/')) {
      const isWhole = page.body.length < maxPageBytes
      const picture = isWhole ? await keepPicture(deps, page.body) : await pictureAt(deps, new URL(page.url), until)
      return picture ? { preview: { 'og:url': page.url, ...describe(deps, picture) }, picture } : {}
    }
    if (type !== 'text/html' && type !== 'application/xhtml+xml') return {}
    const facts = await readersOf(deps).run({ bytes: page.body, contentType: page.headers['content-type'] ?? '' })
    const source = facts.image === undefined ? undefined : webAddress(facts.image, page.url)
    const picture = source && (await pictureAt(deps, source, until))
    return { preview: { ...facts.properties, ...(picture && describe(deps, picture)) }, picture }
  } catch (error) {
    if (error instanceof SideError && error.problem === 'busy') throw limitExceeded(1_000)
    if (!(error instanceof OutsideError) && !(error instanceof SideError)) throw error
    deps.log.debug({ err: error }, 'no preview')
    return {}
  }
}

const typeOf = ({ headers }: OutsideAnswer) => (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()

/** A page whose picture cannot be had is shown without. */
async function pictureAt(deps: Deps, url: URL, until: number): Promise<KeptPicture | undefined> {
  try {
    const { status, body } = await fetchPage(deps, url, { maxBytes: maxPictureBytes, until, cut: false })
    return status === 200 ? await keepPicture(deps, body) : undefined
  } catch (error) {
    if (!(error instanceof OutsideError) && !(error instanceof SideError)) throw error
    return undefined
  }
}

const describe = (deps: Deps, { mediaId, contentType, width, height, sizeBytes }: KeptPicture) => ({
  'og:image': mxcOf({ server: serverName.parse(deps.config.serverName), mediaId }),
  'og:image:type': contentType,
  'og:image:width': width,
  'og:image:height': height,
  'matrix:image:size': sizeBytes,
})
