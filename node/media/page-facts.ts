import { Parser } from 'htmlparser2'

/** What a page says of itself, in plain text. */
export interface PageFacts {
  /** By names as `og:title`. */
  readonly properties: Readonly<Record<string, string>>
  /** As it stands in the page, relative or not. */
  readonly image: string | undefined
}

/** What is told of a page; everything else that it says under such names is its own business. */
const told = ['og:title', 'og:description', 'og:site_name', 'og:type', 'og:url', 'og:locale', 'og:image:alt']
const maxText = 1_000
const maxTitle = 300
const maxUrl = 2_048
/** No page that was written for people lies so deep; to go further would only cost. */
const maxDepth = 1_000
const silent = new Set([
  'script',
  'style',
  'noscript',
  'template',
  'svg',
  'nav',
  'header',
  'footer',
  'iframe',
  'select',
])

/** Reads a page from front to back, once, with no tree of it in memory. */
export function pageFacts(html: string): PageFacts {
  const meta = new Map<string, string>()
  const found = { title: '', heading: '', text: '', link: '' }
  const open: string[] = []
  let hushed = 0
  const parser = new Parser({
    onopentag(name, attributes) {
      open.push(name)
      if (silent.has(name)) hushed++
      if (name === 'meta') noteMeta(meta, attributes)
      if (name === 'link' && attributes['rel'] === 'image_src') found.link ||= attributes['href'] ?? ''
      if (open.length > maxDepth) parser.pause()
    },
    onclosetag(name) {
      open.pop()
      if (silent.has(name)) hushed--
    },
    ontext(text) {
      const place = open.at(-1)
      if (place === 'title' && hushed === 0) found.title = appended(found.title, text)
      else if (place === 'h1' && hushed === 0) found.heading = appended(found.heading, text)
      else if (place === 'p' && hushed === 0) found.text = appended(found.text, text)
    },
  })
  parser.write(html)
  if (open.length <= maxDepth) parser.end()
  return factsFrom(meta, found)
}

/** More than twice of what is shown is never needed, blanks included. */
const appended = (before: string, more: string) =>
  before.length > 4 * maxText ? before : before + more.slice(0, 4 * maxText)

function noteMeta(meta: Map<string, string>, { property, name, content }: Record<string, string>): void {
  const key = (property ?? name)?.trim().toLowerCase()
  // The first counts: a page that names several pictures begins with the one that it means.
  if (key !== undefined && content !== undefined && !meta.has(key) && meta.size < 200) meta.set(key, content)
}

function factsFrom(
  meta: ReadonlyMap<string, string>,
  found: { title: string; heading: string; text: string; link: string },
): PageFacts {
  const properties = new Map<string, string>()
  for (const name of told) {
    const value = plain(meta.get(name), name === 'og:url' ? maxUrl : name === 'og:title' ? maxTitle : maxText)
    if (value !== '') properties.set(name, value)
  }
  const title = firstOf([meta.get('twitter:title'), found.title, found.heading], maxTitle)
  if (title !== '' && !properties.has('og:title')) properties.set('og:title', title)
  const description = firstOf([meta.get('twitter:description'), meta.get('description'), found.text], maxText)
  if (description !== '' && !properties.has('og:description')) properties.set('og:description', description)
  const image =
    meta.get('og:image') ?? meta.get('og:image:url') ?? meta.get('og:image:secure_url') ?? meta.get('twitter:image')
  const source = (image ?? found.link).trim()
  return {
    properties: Object.fromEntries(properties),
    image: source === '' || source.length > maxUrl ? undefined : source,
  }
}

const firstOf = (texts: readonly (string | undefined)[], length: number): string =>
  texts.map((text) => plain(text, length)).find((text) => text !== '') ?? ''

/** One line, without controls and what turns the direction of reading, cut between characters. */
function plain(text: string | undefined, length: number): string {
  const line = (text ?? '')
    .slice(0, 4 * length)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/gu, '')
    .toWellFormed()
    .trim()
  const characters = [...line]
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join('')}…`
}

/** The text of a page, in the encoding that its header, its first bytes or its own words name; what cannot be read becomes U+FFFD. */
export function decodePage(bytes: Uint8Array, contentType: string): string {
  const start = Buffer.from(bytes.subarray(0, 1_024)).toString('latin1')
  const mark = start.startsWith('\xef\xbb\xbf') ? 'utf-8' : /^(\xfe\xff|\xff\xfe)/.test(start) ? 'utf-16' : undefined
  const said = [contentType, start].map((text) => /charset\s*=\s*["']?\s*([\w:.-]{1,40})/i.exec(text)?.[1])
  const labels = [mark === 'utf-16' ? (start.startsWith('\xfe') ? 'utf-16be' : 'utf-16le') : mark, ...said, 'utf-8']
  return decoderOf(labels.filter((label) => label !== undefined)).decode(bytes)
}

function decoderOf(labels: readonly string[]): TextDecoder {
  for (const label of labels) {
    try {
      return new TextDecoder(label)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
  }
  return new TextDecoder()
}
