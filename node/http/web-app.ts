import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import type { Answer } from './send.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
}
const compressible = /^(text|application|image\/svg)/

/** Nothing from elsewhere runs in this page, and it goes nowhere but to the node that served it. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; " +
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; " +
    "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(self), microphone=(self), geolocation=(self), display-capture=(self)',
}

interface File {
  readonly bytes: Buffer
  readonly brotli: Buffer | undefined
  readonly headers: Record<string, string>
}

const compress = promisify(brotliCompress)

/** Serves the built web app out of memory: a file by its path, and the page itself for every other path, which the app's own router reads. */
export async function webApp(folder: string): Promise<(request: IncomingMessage) => Answer | undefined> {
  const files = new Map<string, File>()
  for (const path of await list(folder)) files.set(`/${path}`, await load(folder, path))
  return (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
    const path = request.url!.split('?')[0]!
    const file = files.get(path) ?? (path.startsWith('/assets/') ? undefined : files.get('/index.html'))
    return file && respond(file, request)
  }
}

async function list(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  return entries
    .filter((e) => e.isFile())
    .map((e) =>
      join(e.parentPath, e.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
}

async function load(folder: string, path: string): Promise<File> {
  const bytes = await readFile(join(folder, path))
  const type = types[extname(path)] ?? 'application/octet-stream'
  const worthwhile = compressible.test(type) && bytes.length > 1024
  const brotli = worthwhile ? await compress(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }) : undefined
  const immutable = path.startsWith('assets/')
  const cache = immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
  return {
    bytes,
    brotli,
    headers: { ...pageHeaders, 'content-type': type, 'cache-control': cache, vary: 'accept-encoding' },
  }
}

function respond(file: File, request: IncomingMessage): Answer {
  const takesBrotli = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''))
  if (!takesBrotli || !file.brotli) return { status: 200, headers: file.headers, body: file.bytes }
  return { status: 200, headers: { ...file.headers, 'content-encoding': 'br' }, body: file.brotli }
}
