/** The pictures that are ever decoded. */
export type PictureType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp'

/** How many of a file's first bytes tell what it is. */
export const signatureBytes = 12

/** What a picture is by its first bytes, whatever it is said to be; nothing for all that is not decoded. */
export function pictureTypeOf(start: Uint8Array): PictureType | undefined {
  const text = Buffer.from(start.buffer, start.byteOffset, Math.min(start.length, signatureBytes)).toString('latin1')
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (/^GIF8[79]a/.test(text)) return 'image/gif'
  if (/^RIFF....WEBP/s.test(text)) return 'image/webp'
  return undefined
}
