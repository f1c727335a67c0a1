import { expect, test } from 'vitest'
import { describeConfig, readConfig, settings, StartError } from './config.ts'

test('without any variable, every setting has the value of the contract', () => {
  expect(readConfig({})).toEqual({
    serverName: 'localhost',
    host: '127.0.0.1',
    port: 8008,
    federationPort: 8448,
    tlsCert: undefined,
    tlsKey: undefined,
    dataDir: `${process.cwd()}/data`,
    databaseUrl: undefined,
    registration: 'invite',
    registrationSecret: undefined,
    publicUrl: 'http://localhost:8008',
    resolve: new Map(),
    allowAddresses: [],
    trustedProxies: [],
    presence: true,
    longestEventDelayHours: 168,
    rateLimits: true,
    smtpUrl: undefined,
    mailFrom: undefined,
    appservices: [],
    adminContact: undefined,
    supportPage: undefined,
    turnUris: undefined,
    turnSecret: undefined,
    logLevel: 'info',
    maxUploadBytes: 104_857_600,
    mediaQuotaBytes: 21_474_836_480,
    mediaDailyBytes: 4_294_967_296,
    previewBlocked: [],
    s3Url: undefined,
    s3Region: 'auto',
    s3AccessKeyId: undefined,
    s3SecretAccessKey: undefined,
    termsUrl: undefined,
    noticesUser: 'server-notices',
  })
})

test.each([
  ['HEARTH_TURN_URIS', 'turn:turn.example.org'],
  ['HEARTH_TURN_SECRET', 'x'],
])('%s does not come alone', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(StartError)
})

test.each([
  ['HEARTH_ADMIN_CONTACT', 'nobody'],
  ['HEARTH_TURN_URIS', 'https://turn.example.org'],
  ['HEARTH_SUPPORT_PAGE', 'example.org'],
  ['HEARTH_MAIL_FROM', 'Hearth'],
  ['HEARTH_MAIL_FROM', 'a@b.example\r\nBcc: c@d.example'],
])('%s is not %s', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(StartError)
})

test('an empty variable counts as absent', () => {
  expect(readConfig({ HEARTH_PORT: '', DATABASE_URL: '' })).toEqual(readConfig({}))
})

test('reads lists', () => {
  const config = readConfig({
    HEARTH_RESOLVE: 'one.example=127.0.0.1:8448, two.example:99=[::1]:9',
    HEARTH_ALLOW_ADDRESSES: '10.0.0.0/8, fd00::/8,127.0.0.1',
  })
  expect([...config.resolve]).toEqual([
    ['one.example', { host: '127.0.0.1', port: 8448 }],
    ['two.example:99', { host: '::1', port: 9 }],
  ])
  expect(config.allowAddresses).toEqual(['10.0.0.0/8', 'fd00::/8', '127.0.0.1'])
})

test.each([
  ['localhost', 'http://localhost:8008'],
  ['localhost:8448', 'http://localhost:8008'],
  ['127.0.0.1', 'http://127.0.0.1:8008'],
  ['[::1]:8448', 'http://[::1]:8008'],
  ['chat.example.org', 'https://chat.example.org'],
  ['chat.example.org:8448', 'https://chat.example.org'],
])('a node named %s has the public address %s', (name, address) => {
  expect(readConfig({ HEARTH_SERVER_NAME: name }).publicUrl).toBe(address)
})

test('a public address given by hand loses its last slash', () => {
  expect(readConfig({ HEARTH_PUBLIC_URL: 'https://example.org/chat/' }).publicUrl).toBe('https://example.org/chat')
})

test.each([
  [{ HEARTH_PORT: '65536' }, 'HEARTH_PORT must be a port number from 0 to 65535, not "65536".'],
  [{ HEARTH_PORT: '80a' }, 'HEARTH_PORT must be a port number from 0 to 65535, not "80a".'],
  [
    { HEARTH_S3_URL: 'https://s3.example/bucket' },
    'HEARTH_S3_URL, HEARTH_S3_ACCESS_KEY_ID and HEARTH_S3_SECRET_ACCESS_KEY belong together: set all of them, or none.',
  ],
  [
    { HEARTH_S3_URL: 'https://s3.example' },
    'HEARTH_S3_URL must be an address that ends in the name of the bucket, such as https://s3.example.org/hearth, not "https://s3.example".',
  ],
  [
    { HEARTH_MAX_UPLOAD_BYTES: '50 MB' },
    'HEARTH_MAX_UPLOAD_BYTES must be a number of bytes, such as 104857600, not "50 MB".',
  ],
  [{ HEARTH_REGISTRATION: 'yes' }, 'HEARTH_REGISTRATION must be open, invite or closed, not "yes".'],
  [{ HEARTH_SERVER_NAME: 'Chat.Example' }, /^HEARTH_SERVER_NAME must be a host name in small letters/],
  [{ HEARTH_SERVER_NAME: 'https://chat.example' }, /^HEARTH_SERVER_NAME must be/],
  [{ HEARTH_RESOLVE: 'one.example' }, /^HEARTH_RESOLVE must be a list such as/],
  [{ HEARTH_ALLOW_ADDRESSES: '10.0.0.0/33' }, /^HEARTH_ALLOW_ADDRESSES must be a list such as/],
  [{ HEARTH_RATE_LIMITS: 'false' }, 'HEARTH_RATE_LIMITS must be on or off, not "false".'],
  [{ HEARTH_PUBLIC_URL: 'example.org' }, /^HEARTH_PUBLIC_URL must be/],
  [{ HEARTH_TLS_CERT: 'a.pem' }, 'HEARTH_TLS_CERT and HEARTH_TLS_KEY belong together: set both, or neither.'],
  [{ HEARTH_PROT: '80' }, 'HEARTH_PROT is not a setting: did you mean HEARTH_PORT?'],
  [{ HEARTH_REGISTRATIONS: 'open' }, 'HEARTH_REGISTRATIONS is not a setting: did you mean HEARTH_REGISTRATION?'],
])('refuses %j in one sentence', (env, sentence) => {
  expect(() => readConfig(env)).toThrow(sentence)
  expect(() => readConfig(env)).toThrow(StartError)
})

test('no secret is ever shown', () => {
  const url = 'postgres://user:hunter2@host/db'
  const shown = describeConfig(readConfig({ DATABASE_URL: url, HEARTH_REGISTRATION_SECRET: 'hunter2' }))
  expect(shown).toMatchObject({ DATABASE_URL: '(set)', HEARTH_REGISTRATION_SECRET: '(set)', HEARTH_PORT: '8008' })
  expect(JSON.stringify(shown)).not.toContain('hunter2')
  expect(() => readConfig({ DATABASE_URL: 'mysql://hunter2' })).toThrow(
    /^DATABASE_URL must be an address such as [^"]*$/,
  )
})

test('each setting has a name of its own and a line of documentation', () => {
  const all = Object.values(settings)
  expect(new Set(all.map((one) => one.name)).size).toBe(all.length)
  for (const one of all) expect(one.doc).toMatch(/^[A-Zo].*\.$/)
})
