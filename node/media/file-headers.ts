/** Types that a browser shows without doing anything else. Client-Server API, "Serving inline content". */
const inlineTypes: ReadonlySet<string> = new Set([
  'text/css',
  'text/plain',
  'text/csv',
  'application/json',
  'application/ld+json',
  'image/jpeg',
  'image/gif',
  'image/png',
  'image/apng',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'video/ogg',
  'video/quicktime',
  'audio/mp4',
  'audio/webm',
  'audio/aac',
  'audio/mpeg',
  'audio/ogg',
  'audio/wave',
  'audio/wav',
  'audio/x-wav',
  'audio/x-pn-wav',
  'audio/flac',
  'audio/x-flac',
])

/** RFC 9110, section 8.3, in ASCII. */
const mediaType = /^[\w!#$%&'*+.^`|~-]{1,127}\/[\w!#$%&'*+.^`|~-]{1,127}([ \t]*;[\x20-\x7e]*)?$/

/** What an uploader says of a file, if it can be a type at all. */
export const cleanType = (said: string | undefined): string =>
  said !== undefined && said.length <= 255 && mediaType.test(said) ? said : 'application/octet-stream'

/** Controls, and what makes a name read another way than it is: a file `photo\u202egpj.exe` looks like `photoexe.jpg`. */
const deceiving = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** A name without what deceives, and without folders; nothing where nothing is left. */
export const cleanFilename = (said: string | undefined): string | null =>
  said?.replaceAll(deceiving, '').replaceAll(/[/\\]/g, '_').trim() || null

/** RFC 6266: the name in ASCII for the old, in UTF-8 (RFC 8187) for all others. */
export function dispositionOf(contentType: string, filename: string | null): string {
  const essence = contentType.split(';')[0]!.trim().toLowerCase()
  const disposition = inlineTypes.has(essence) ? 'inline' : 'attachment'
  if (filename === null) return disposition
  const plain = filename.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_')
  if (plain === filename) return `${disposition}; filename="${plain}"`
  return `${disposition}; filename="${plain}"; filename*=UTF-8''${encode(filename)}`
}

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** What every file of anybody's making is sent with: whatever it is, nothing in it runs. */
export const fileHeaders = (contentType: string, filename: string | null): Record<string, string> => ({
  'content-type': contentType,
  'content-disposition': dispositionOf(contentType, filename),
  'content-security-policy':
    "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; object-src 'self';",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  // Under one address the bytes never change; but they may be deleted.
  'cache-control': 'private, max-age=86400, immutable',
})
