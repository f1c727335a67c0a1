import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

/** A picture with a red left and a blue right half. */
export function picture(width: number, height: number, { alpha = 1 } = {}) {
  const half = { width: Math.ceil(width / 2), height, channels: 4 as const, background: { r: 0, g: 0, b: 255, alpha } }
  const left = { width, height, channels: 4 as const, background: { r: 255, g: 0, b: 0, alpha } }
  return sharp({ create: left }).composite([{ input: { create: half }, left: Math.floor(width / 2), top: 0 }])
}

/** Frames of one colour each. */
export async function moving(width: number, height: number, frames: number, format: 'gif' | 'webp' = 'gif') {
  const raw = Buffer.alloc(width * height * frames * 3)
  for (let frame = 0; frame < frames; frame++)
    raw.fill((frame * 37) % 256, frame * width * height * 3, (frame + 1) * width * height * 3)
  const roll = sharp(raw, { raw: { width, height: height * frames, channels: 3, pageHeight: height } })
  return format === 'gif' ? roll.gif({ effort: 1 }).toBuffer() : roll.webp({ lossless: true, effort: 0 }).toBuffer()
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A PNG that says it has so many pixels, with the bytes for them or without. */
export function pngOf(width: number, height: number, { rows = 0, more = [] as Buffer[] } = {}): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const data = deflateSync(Buffer.alloc(rows * (1 + Math.ceil(width / 8))))
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([signature, chunk('IHDR', header), ...more, chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

/** A colour profile that unpacks to so many bytes. */
export const profileChunk = (bytes: number): Buffer =>
  chunk('iCCP', Buffer.concat([Buffer.from('bomb\0\0', 'latin1'), deflateSync(Buffer.alloc(bytes))]))
