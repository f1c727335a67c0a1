import { isIP } from 'node:net'
import { resolve } from 'node:path'
import * as z from 'zod/mini'
import { isUserId } from '#spec/ids.ts'

/** A reason not to start that the person at the keyboard can act on: the message is one sentence that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

interface Setting<Schema extends z.ZodMiniType> {
  /** The environment variable. */
  readonly name: string
  readonly schema: Schema
  /** The text that stands for an absent variable; `undefined` leaves the setting off. */
  readonly fallback: string | undefined
  /** What the setting does, in one line. */
  readonly doc: string
  /** What a value must look like, to end the sentence "NAME must be ...". */
  readonly form: string
  /** Never printed. */
  readonly secret?: boolean
}

const setting = <Schema extends z.ZodMiniType>(declared: Setting<Schema>): Setting<Schema> => declared

const text = z.string().check(z.minLength(1))
const off = z.undefined()
const port = z.pipe(
  z.string().check(z.regex(/^\d{1,5}$/)),
  z.pipe(z.transform(Number), z.number().check(z.maximum(65535))),
)
const hours = z.pipe(
  z.string().check(z.regex(/^\d{1,4}$/)),
  z.pipe(z.transform(Number), z.number().check(z.minimum(1), z.maximum(8_760))),
)
const url = (scheme: RegExp) => text.check(z.refine((value) => URL.canParse(value) && scheme.test(value)))
const list = z.pipe(
  text,
  z.transform((value: string) => value.split(',').map((part) => part.trim())),
)

const bytes = z.pipe(
  z.string().check(z.regex(/^\d{1,15}$/)),
  z.pipe(z.transform(Number), z.number().check(z.minimum(1))),
)

const serverName = text.check(
  z.maxLength(230),
  z.regex(/^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)(:\d{1,5})?$/),
)

/** A user id or an e-mail address; whoever sets it means it, so a look at its form is enough. */
const isContact = (contact: string): boolean => isUserId(contact) || /^[^\s@]+@[^\s@]+$/.test(contact)

/** Where a server name is reached, ahead of discovery. */
export interface ResolvedServer {
  readonly host: string
  readonly port: number
}

const placed = /^(?<name>[^=\s]+)=(?<host>\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):(?<port>\d{1,5})$/

const resolvedServers = z.pipe(
  list.check(z.refine((parts) => parts.every((part) => placed.test(part)))),
  z.transform((parts: string[]): ReadonlyMap<string, ResolvedServer> => new Map(parts.map(readPlaced))),
)

function readPlaced(part: string): [string, ResolvedServer] {
  const { name = '', host = '', port: at = '' } = placed.exec(part)?.groups ?? {}
  return [name, { host: host.replace(/^\[|\]$/g, ''), port: Number(at) }]
}

function isCidr(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/** Every setting once. The environment is read here and nowhere else. */
export const settings = {
  serverName: setting({
    name: 'HEARTH_SERVER_NAME',
    schema: serverName,
    fallback: 'localhost',
    doc: 'The name in user ids. It can never be changed once people have registered.',
    form: 'a host name in small letters, such as chat.example.org',
  }),
  host: setting({
    name: 'HEARTH_HOST',
    schema: text,
    fallback: '127.0.0.1',
    doc: 'The address on which the client API, the WebSocket and the web app are served.',
    form: 'an address to listen on, such as 0.0.0.0',
  }),
  port: setting({
    name: 'HEARTH_PORT',
    schema: port,
    fallback: '8008',
    doc: 'The port that goes with HEARTH_HOST; 0 takes a free one.',
    form: 'a port number from 0 to 65535',
  }),
  federationPort: setting({
    name: 'HEARTH_FEDERATION_PORT',
    schema: port,
    fallback: '8448',
    doc: 'The port on which other servers reach this one over TLS; 0 takes a free one.',
    form: 'a port number from 0 to 65535',
  }),
  tlsCert: setting({
    name: 'HEARTH_TLS_CERT',
    schema: z.union([off, text]),
    fallback: undefined,
    doc: 'PEM file of the federation certificate; without it a self-signed pair is made.',
    form: 'the path of a PEM file',
  }),
  tlsKey: setting({
    name: 'HEARTH_TLS_KEY',
    schema: z.union([off, text]),
    fallback: undefined,
    doc: 'PEM file of the key that belongs to HEARTH_TLS_CERT.',
    form: 'the path of a PEM file',
  }),
  dataDir: setting({
    name: 'HEARTH_DATA_DIR',
    schema: z.pipe(
      text,
      z.transform((path: string) => resolve(path)),
    ),
    fallback: './data',
    doc: 'Where the embedded Postgres, media and keys are kept.',
    form: 'the path of a folder',
  }),
  databaseUrl: setting({
    name: 'DATABASE_URL',
    schema: z.union([off, url(/^postgres(ql)?:\/\//)]),
    fallback: undefined,
    doc: 'An existing Postgres 16 or newer, used instead of the embedded one.',
    form: 'an address such as postgres://user:password@host:5432/hearth',
    secret: true,
  }),
  registration: setting({
    name: 'HEARTH_REGISTRATION',
    schema: z.enum(['open', 'invite', 'closed']),
    fallback: 'invite',
    doc: 'Who may register: anybody, those with an invitation, or nobody.',
    form: 'open, invite or closed',
  }),
  registrationSecret: setting({
    name: 'HEARTH_REGISTRATION_SECRET',
    schema: z.union([off, text]),
    fallback: undefined,
    doc: 'Turns on /_synapse/admin/v1/register, the shared-secret form that admin tools know.',
    form: 'a secret text',
    secret: true,
  }),
  publicUrl: setting({
    name: 'HEARTH_PUBLIC_URL',
    schema: z.union([
      off,
      z.pipe(
        url(/^https?:\/\/[^?#]+$/),
        z.transform((value: string) => value.replace(/(?<!\/)\/+$/, '')),
      ),
    ]),
    fallback: undefined,
    doc: 'The base URL in well-known, mails and links; without it, made from the name and the port.',
    form: 'an address such as https://chat.example.org',
  }),
  resolve: setting({
    name: 'HEARTH_RESOLVE',
    schema: z.union([off, resolvedServers]),
    fallback: undefined,
    doc: 'Where to find these servers, ahead of discovery: name=host:port, with commas between.',
    form: 'a list such as one.example=127.0.0.1:8448,two.example=127.0.0.1:8449',
  }),
  allowAddresses: setting({
    name: 'HEARTH_ALLOW_ADDRESSES',
    schema: z.union([off, list.check(z.refine((parts) => parts.every(isCidr)))]),
    fallback: undefined,
    doc: 'Private addresses that calls to other servers may reach, as CIDR with commas between.',
    form: 'a list such as 10.0.0.0/8,fd00::/8',
  }),
  trustedProxies: setting({
    name: 'HEARTH_TRUSTED_PROXIES',
    schema: z.union([off, list.check(z.refine((parts) => parts.every(isCidr)))]),
    fallback: undefined,
    doc: 'Proxies in front of this node, as CIDR with commas between: what they say in X-Forwarded-For is believed.',
    form: 'a list such as 127.0.0.1,10.0.0.0/8',
  }),
  rateLimits: setting({
    name: 'HEARTH_RATE_LIMITS',
    schema: z.pipe(
      z.enum(['on', 'off']),
      z.transform((value: 'on' | 'off') => value === 'on'),
    ),
    fallback: 'on',
    doc: 'off lifts the rate limits, for tests and load generators.',
    form: 'on or off',
  }),
  presence: setting({
    name: 'HEARTH_PRESENCE',
    schema: z.pipe(
      z.enum(['on', 'off']),
      z.transform((value: 'on' | 'off') => value === 'on'),
    ),
    fallback: 'on',
    doc: 'off keeps it to everybody whether they are there.',
    form: 'on or off',
  }),
  smtpUrl: setting({
    name: 'HEARTH_SMTP_URL',
    schema: z.union([off, url(/^smtps?:\/\//)]),
    fallback: undefined,
    doc: 'The mail server for password resets and for addresses that people show to be theirs.',
    form: 'an address such as smtps://user:password@mail.example.org',
    secret: true,
  }),
  mailFrom: setting({
    name: 'HEARTH_MAIL_FROM',
    schema: z.union([off, text.check(z.regex(/^([^<>"\r\n]{1,100} )?<?[^<>\s@]+@[^<>\s@]+>?$/))]),
    fallback: undefined,
    doc: 'Whom mails come from; without it, noreply at the name of the server.',
    form: 'an address such as Hearth <hearth@example.org>',
  }),
  logLevel: setting({
    name: 'HEARTH_LOG_LEVEL',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    fallback: 'info',
    doc: 'How much is logged.',
    form: 'trace, debug, info, warn, error, fatal or silent',
  }),
  maxUploadBytes: setting({
    name: 'HEARTH_MAX_UPLOAD_BYTES',
    schema: bytes,
    fallback: '104857600',
    doc: 'The largest file that may be uploaded.',
    form: 'a number of bytes, such as 104857600',
  }),
  mediaQuotaBytes: setting({
    name: 'HEARTH_MEDIA_QUOTA_BYTES',
    schema: bytes,
    fallback: '21474836480',
    doc: 'How much one person may keep in files.',
    form: 'a number of bytes, such as 21474836480',
  }),
  mediaDailyBytes: setting({
    name: 'HEARTH_MEDIA_DAILY_BYTES',
    schema: bytes,
    fallback: '4294967296',
    doc: 'How much one person may upload within 24 hours.',
    form: 'a number of bytes, such as 4294967296',
  }),
  previewBlocked: setting({
    name: 'HEARTH_PREVIEW_BLOCKED',
    schema: z.union([off, list]),
    fallback: undefined,
    doc: 'Hosts of which no link is previewed, and all below them, with commas between; * turns previews off.',
    form: 'a list such as intranet.example.org,example.net',
  }),
  s3Url: setting({
    name: 'HEARTH_S3_URL',
    schema: z.union([off, url(/^https?:\/\/[^?#@]+\/[^?#@/]+\/?$/)]),
    fallback: undefined,
    doc: 'A bucket that speaks S3, in which files are kept instead of HEARTH_DATA_DIR.',
    form: 'an address that ends in the name of the bucket, such as https://s3.example.org/hearth',
  }),
  s3Region: setting({
    name: 'HEARTH_S3_REGION',
    schema: text,
    fallback: 'auto',
    doc: 'The region of the bucket.',
    form: 'the name of a region, such as eu-central-1',
  }),
  s3AccessKeyId: setting({
    name: 'HEARTH_S3_ACCESS_KEY_ID',
    schema: z.union([off, text]),
    fallback: undefined,
    doc: 'The key by which the bucket knows this node.',
    form: 'the id of a key',
  }),
  s3SecretAccessKey: setting({
    name: 'HEARTH_S3_SECRET_ACCESS_KEY',
    schema: z.union([off, text]),
    fallback: undefined,
    doc: 'The secret that belongs to HEARTH_S3_ACCESS_KEY_ID.',
    form: 'a secret text',
    secret: true,
  }),
  longestEventDelayHours: setting({
    name: 'HEARTH_LONGEST_EVENT_DELAY_HOURS',
    schema: hours,
    fallback: '168',
    doc: 'How long people may have the sending of an event delayed.',
    form: 'a number of hours from 1 to 8760',
  }),
  appservices: setting({
    name: 'HEARTH_APPSERVICES',
    schema: z.union([off, list.check(z.refine((paths) => paths.every((path) => path !== '')))]),
    fallback: undefined,
    doc: 'Registration files of application services (bridges), YAML or JSON, with commas between.',
    form: 'a list of files such as /etc/hearth/irc.yaml,/etc/hearth/bot.yaml',
  }),
  adminContact: setting({
    name: 'HEARTH_ADMIN_CONTACT',
    schema: z.union([off, list.check(z.refine((contacts) => contacts.every(isContact)))]),
    fallback: undefined,
    doc: 'Whom people turn to, told at /.well-known/matrix/support: user ids and e-mail addresses, with commas between.',
    form: 'a list such as @help:example.org,help@example.org',
  }),
  supportPage: setting({
    name: 'HEARTH_SUPPORT_PAGE',
    schema: z.union([off, url(/^https?:\/\//)]),
    fallback: undefined,
    doc: 'A page that helps people with this server, told at /.well-known/matrix/support.',
    form: 'an address such as https://example.org/help',
  }),
  turnUris: setting({
    name: 'HEARTH_TURN_URIS',
    schema: z.union([off, list.check(z.refine((uris) => uris.every((uri) => /^(turns?|stuns?):[^\s,]+$/.test(uri))))]),
    fallback: undefined,
    doc: 'The TURN server for calls between two, with commas between.',
    form: 'a list such as turn:turn.example.org?transport=udp,turns:turn.example.org',
  }),
  turnSecret: setting({
    name: 'HEARTH_TURN_SECRET',
    schema: z.union([off, text]),
    fallback: undefined,
    doc: "The secret shared with it: coturn's static-auth-secret.",
    form: 'a secret text',
    secret: true,
  }),
  termsUrl: setting({
    name: 'HEARTH_TERMS_URL',
    schema: z.union([off, url(/^https?:\/\//)]),
    fallback: undefined,
    doc: 'The page of terms that people accept when they register.',
    form: 'an address such as https://example.org/terms',
  }),
  noticesUser: setting({
    name: 'HEARTH_NOTICES_USER',
    schema: text.check(z.regex(/^[a-z0-9._=/+-]{1,64}$/)),
    fallback: 'server-notices',
    doc: 'The user name by which the server itself speaks to people; nobody can register it.',
    form: 'a user name in small letters, such as server-notices',
  }),
}

type Read = { readonly [Key in keyof typeof settings]: z.output<(typeof settings)[Key]['schema']> }

/** The settings of one node, read and checked. An absent optional setting is `undefined`; `publicUrl` and the lists are always there. */
export type Config = Omit<
  Read,
  'publicUrl' | 'resolve' | 'allowAddresses' | 'trustedProxies' | 'previewBlocked' | 'appservices'
> & {
  readonly publicUrl: string
  readonly appservices: readonly string[]
  readonly resolve: ReadonlyMap<string, ResolvedServer>
  readonly allowAddresses: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly previewBlocked: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads every setting from the environment. An empty variable counts as absent. Throws `StartError` on the first value that is wrong. */
export function readConfig(env: Environment): Config {
  refuseUnknownNames(env)
  const read = Object.fromEntries(Object.entries(settings).map(([key, one]) => [key, readSetting(env, one)])) as Read
  if ((read.tlsCert === undefined) !== (read.tlsKey === undefined)) {
    throw new StartError('HEARTH_TLS_CERT and HEARTH_TLS_KEY belong together: set both, or neither.')
  }
  if (new Set([read.s3Url, read.s3AccessKeyId, read.s3SecretAccessKey].map((one) => one === undefined)).size > 1) {
    throw new StartError(
      'HEARTH_S3_URL, HEARTH_S3_ACCESS_KEY_ID and HEARTH_S3_SECRET_ACCESS_KEY belong together: set all of them, or none.',
    )
  }
  if ((read.turnUris === undefined) !== (read.turnSecret === undefined)) {
    throw new StartError('HEARTH_TURN_URIS and HEARTH_TURN_SECRET belong together: set both, or neither.')
  }
  return {
    ...read,
    publicUrl: read.publicUrl ?? publicUrlOf(read.serverName, read.port),
    resolve: read.resolve ?? new Map(),
    allowAddresses: read.allowAddresses ?? [],
    trustedProxies: read.trustedProxies ?? [],
    previewBlocked: read.previewBlocked ?? [],
    appservices: read.appservices ?? [],
  }
}

function readSetting(env: Environment, one: Setting<z.ZodMiniType>): unknown {
  const given = env[one.name]
  const parsed = one.schema.safeParse(given === undefined || given === '' ? one.fallback : given)
  if (parsed.success) return parsed.data
  throw new StartError(`${one.name} must be ${one.form}${one.secret ? '' : `, not "${given}"`}.`)
}

/** A node named localhost, or by an address, is reached directly; any other name stands behind a proxy with TLS. */
function publicUrlOf(name: string, at: number): string {
  const host = name.replace(/(?<=^[^:]*|\]):\d+$/, '')
  const direct = host === 'localhost' || host.startsWith('[') || isIP(host) !== 0
  return direct ? `http://${host}:${at}` : `https://${host}`
}

function refuseUnknownNames(env: Environment): void {
  const known = Object.values(settings).map((one) => one.name)
  for (const name of Object.keys(env)) {
    if (!name.startsWith('HEARTH_') || known.includes(name)) continue
    const nearest = known.toSorted((a, b) => distance(name, a) - distance(name, b))[0]
    throw new StartError(`${name} is not a setting: did you mean ${nearest}?`)
  }
}

/** Levenshtein distance: how many letters must change to make one name the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The settings in force, for a person to read: secrets are shown as set or not set. */
export function describeConfig(config: Config): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, one]) => {
      const value = config[key as keyof Config]
      const shown = one.secret && value !== undefined ? '(set)' : value instanceof Map ? [...value.keys()] : value
      return [one.name, String(shown ?? '')]
    }),
  )
}
