import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '#node/config.ts'
import type { BlobStore } from './blob-store.ts'

/** Files in folders by the first two digits of their hash. */
export function diskBlobs({ dataDir }: Pick<Config, 'dataDir'>): BlobStore {
  const folder = join(dataDir, 'media', 'blobs')
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), sha256.slice(2))
  return {
    async put({ path, sha256 }) {
      const to = pathOf(sha256)
      const made = await mkdir(dirname(to), { recursive: true })
      // The same bytes may be there: putting them there once more changes nothing.
      await rename(path, to)
      await syncFolder(dirname(to))
      if (made !== undefined) await syncFoldersUpTo(dirname(made), dirname(dirname(to)))
    },
    async open(sha256, { from, to }) {
      const file = await open(pathOf(sha256), 'r')
      return file.createReadStream({ start: from, end: to })
    },
    pathOf,
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
  }
}

/** What a folder holds survives a loss of power only when the folder itself is written out. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function syncFoldersUpTo(highest: string, from: string): Promise<void> {
  for (let path = from; path.length >= highest.length; path = dirname(path)) {
    await syncFolder(path)
    if (path === dirname(path)) return
  }
}
