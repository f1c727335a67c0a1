import { createHash } from 'node:crypto'
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { MatrixError } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'

/** A file that has arrived whole and lies on disk, under no name that anybody knows. */
export interface Spooled {
  readonly path: string
  /** In hexadecimal. */
  readonly sha256: string
  readonly sizeBytes: number
}

const folderOf = ({ config }: Pick<Deps, 'config'>) => join(config.dataDir, 'media', 'incoming')

/** Writes bytes to disk as they come, hands the file to `use`, and leaves nothing behind unless `use` has taken it away. */
export async function spool<T>(
  deps: Deps,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  use: (spooled: Spooled) => Promise<T>,
): Promise<T> {
  const folder = folderOf(deps)
  const path = join(folder, Buffer.from(deps.random.bytes(16)).toString('hex'))
  try {
    await mkdir(folder, { recursive: true })
    const { sha256, sizeBytes } = await write(path, chunks)
    return await use({ path, sha256, sizeBytes })
  } catch (error) {
    throw isFull(error) ? noRoom(error) : error
  } finally {
    await rm(path, { force: true })
  }
}

async function write(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Omit<Spooled, 'path'>> {
  const digest = createHash('sha256')
  let sizeBytes = 0
  const file: FileHandle = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of chunks) {
      digest.update(chunk)
      sizeBytes += chunk.length
      await file.appendFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: digest.digest('hex'), sizeBytes }
}

/** What a process that was killed left half-way. */
export const clearSpool = (deps: Deps): Promise<void> => rm(folderOf(deps), { recursive: true, force: true })

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String(error.code))

const noRoom = (cause: unknown) =>
  new MatrixError('M_UNKNOWN', 'The server has no room left for files at the moment.', { status: 507, cause })
