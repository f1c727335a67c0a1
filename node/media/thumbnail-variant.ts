/** One way in which a thumbnail can be drawn, in pixels. */
export interface Variant {
  readonly method: 'crop' | 'scale'
  readonly width: number
  readonly height: number
  /** Moving, where the picture moves. */
  readonly animated: boolean
}

/** Draws a picture of another size, or only says how large the picture is. */
export type DrawJob = (Variant & { readonly path: string }) | { readonly path: string; readonly measure: true }

/** Why there can be no thumbnail. */
export type DrawProblem = 'too large' | 'unreadable'

/** What came of drawing: a picture; `original` where the picture itself is no larger than asked; its size alone, where that was the job. */
export type Drawn =
  | { readonly bytes: Uint8Array; readonly contentType: string; readonly width: number; readonly height: number }
  | { readonly original: true }
  | { readonly width: number; readonly height: number }
  | { readonly problem: DrawProblem }

/** The sizes that are drawn. Client-Server API, "Thumbnails", and what screens of twice and three times the pixels ask for. */
const scaled = [
  [320, 240],
  [640, 480],
  [800, 600],
  [1600, 1200],
] as const
const cropped = [32, 64, 96, 128, 256, 512, 1024] as const
const largest = 2_048

/** The variant that is kept for what is asked: never smaller than that, and one of few, so that nobody fills the disk by asking. */
export function variantFor(asked: Variant): Variant {
  const width = Math.min(asked.width, largest)
  const height = Math.min(asked.height, largest)
  if (asked.method === 'scale') {
    const [w, h] = scaled.find(([w, h]) => w >= width && h >= height) ?? [largest, largest]
    return { ...asked, width: w, height: h }
  }
  // A crop has the asked proportions, rounded to eighths of its longer side.
  const side = cropped.find((one) => one >= Math.max(width, height)) ?? largest
  const part = (length: number) => Math.ceil((length / Math.max(width, height)) * 8) * (side / 8)
  return { ...asked, width: part(width), height: part(height) }
}
