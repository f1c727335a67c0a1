import { createHash, createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A bucket that speaks S3: it checks every signature (AWS Signature Version 4), and keeps bytes in memory. */
export interface S3Server {
  /** Its address, with the bucket. */
  readonly url: string
  readonly objects: Map<string, Buffer>
  /** `PUT ab/cd`, and `part` for parts. */
  readonly calls: string[]
  /** Refuses everything from now on, as a service that is ill does. */
  fail(): void
  recover(): void
  stop(): void
}

export const s3Key = { id: 'AKIDEXAMPLE', secret: 'a secret of the bucket', region: 'eu-test-1' }
const bucket = 'files'

interface Asked {
  readonly method: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export async function s3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>()
  const uploads = new Map<string, Map<number, Buffer>>()
  const calls: string[] = []
  const state = { isIll: false }
  const server = createServer((incoming, outgoing) => {
    void read(incoming).then((asked) => {
      calls.push(`${asked.method} ${asked.query.has('partNumber') ? 'part' : asked.key}`)
      const problem = state.isIll ? 'SlowDown' : signatureProblem(incoming)
      if (problem !== undefined) return refuse(outgoing, state.isIll ? 503 : 403, problem)
      if (asked.query.has('uploads') || asked.query.has('uploadId')) return inParts(asked, outgoing, objects, uploads)
      return whole(asked, outgoing, objects)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${bucket}`,
    objects,
    calls,
    fail: () => void (state.isIll = true),
    recover: () => void (state.isIll = false),
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function read(incoming: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const url = new URL(incoming.url!, 'http://s3')
  const key = decodeURIComponent(url.pathname.slice(bucket.length + 2))
  return {
    method: incoming.method!,
    key,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  }
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** AWS, "Signature Calculations for the Authorization Header". */
function signatureProblem({ headers, method, url }: IncomingMessage): string | undefined {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/
  const [, id, day, region, names, signature] = form.exec(headers.authorization ?? '') ?? []
  if (id !== s3Key.id || region !== s3Key.region || !names?.split(';').includes('host')) return 'InvalidAccessKeyId'
  const [path, query = ''] = url!.split('?') as [string, string?]
  const canonical = [
    method,
    path,
    query
      .split('&')
      .map((one) => (one === '' || one.includes('=') ? one : `${one}=`))
      .toSorted()
      .join('&'),
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    headers['x-amz-content-sha256'],
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const toSign = [
    'AWS4-HMAC-SHA256',
    headers['x-amz-date'],
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ]
  const keyOfDay = [day!, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${s3Key.secret}`)
  return hmac(keyOfDay, toSign.join('\n')).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}

function refuse(outgoing: ServerResponse, status: number, code: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/xml' })
  outgoing.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`)
}

function whole({ method, key, headers, body }: Asked, outgoing: ServerResponse, objects: Map<string, Buffer>): void {
  const found = objects.get(key)
  if (method === 'PUT') {
    objects.set(key, body)
    outgoing.writeHead(200, { etag: etagOf(body) }).end()
  } else if (method === 'DELETE') {
    objects.delete(key)
    outgoing.writeHead(204).end()
  } else if (found === undefined) refuse(outgoing, 404, 'NoSuchKey')
  else {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    const part = from === undefined ? found : found.subarray(Number(from), Number(to) + 1)
    outgoing.writeHead(from === undefined ? 200 : 206, { 'content-length': part.length, etag: etagOf(found) })
    outgoing.end(method === 'HEAD' ? undefined : part)
  }
}

function inParts(
  { method, key, query, body }: Asked,
  outgoing: ServerResponse,
  objects: Map<string, Buffer>,
  uploads: Map<string, Map<number, Buffer>>,
): void {
  const id = query.get('uploadId') ?? randomUUID()
  const xml = (name: string, inner: string) => {
    outgoing.writeHead(200, { 'content-type': 'application/xml' })
    outgoing.end(`<?xml version="1.0"?><${name}><Bucket>${bucket}</Bucket><Key>${key}</Key>${inner}</${name}>`)
  }
  if (query.has('uploads')) {
    uploads.set(id, new Map())
    return xml('InitiateMultipartUploadResult', `<UploadId>${id}</UploadId>`)
  }
  const parts = uploads.get(id)
  if (parts === undefined) return refuse(outgoing, 404, 'NoSuchUpload')
  if (method === 'PUT') {
    parts.set(Number(query.get('partNumber')), body)
    outgoing.writeHead(200, { etag: etagOf(body) }).end()
  } else if (method === 'DELETE') {
    uploads.delete(id)
    outgoing.writeHead(204).end()
  } else {
    const listed = Array.from(String(body).matchAll(/<PartNumber>(\d+)<\/PartNumber>/g), ([, number]) => Number(number))
    objects.set(key, Buffer.concat(listed.map((number) => parts.get(number)!)))
    uploads.delete(id)
    xml('CompleteMultipartUploadResult', `<ETag>${etagOf(body)}</ETag>`)
  }
}

const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`
