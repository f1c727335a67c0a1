import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serverName } from '#spec/ids.ts'
import type { SigningKey } from '#spec/sign.ts'
import { StartError, type Config } from '#node/config.ts'
import { signWith, type Random } from '#node/deps.ts'

/** Ed25519 keys are kept as this prefix and 32 bytes. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key that names this server to all others: made once, kept outside the database, readable by the node alone. */
export async function signingKey(config: Pick<Config, 'dataDir' | 'serverName'>, random: Random): Promise<SigningKey> {
  const path = join(config.dataDir, 'signing.key')
  await mkdir(config.dataDir, { recursive: true })
  const text = (await readIfThere(path)) ?? (await makeKey(path, random))
  const [, version, seed] = /^ed25519 (\w+) ([A-Za-z0-9+/]{43})\s*$/.exec(text) ?? []
  if (version === undefined || seed === undefined)
    throw new StartError(
      `${path} is not a signing key: put back the one that was there, for other servers know this one by it.`,
    )
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, Buffer.from(seed, 'base64')]),
    format: 'der',
    type: 'pkcs8',
  })
  return {
    server: serverName.parse(config.serverName),
    keyId: `ed25519:${version}`,
    sign: (message) => signWith(key, message),
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function makeKey(path: string, random: Random): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const version = `a_${Buffer.from(random.bytes(3)).toString('hex')}`
  const text = `ed25519 ${version} ${seedOf(privateKey)}\n`
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  return text
}

const seedOf = (key: KeyObject) =>
  key.export({ format: 'der', type: 'pkcs8' }).subarray(pkcs8Prefix.length).toString('base64').replaceAll('=', '')
