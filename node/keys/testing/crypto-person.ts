import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import * as api from '#spec/api/client/keys.ts'
import type { ServerName } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { encodeBase64, signJson } from '#spec/sign.ts'
import { goodPassword } from '#test/people.ts'
import { Talker } from '#node/sync/testing/talk.ts'

/** An ed25519 key as devices and users have them. */
export interface Key {
  readonly publicKey: string
  readonly privateKey: KeyObject
}

export function makeKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  return { publicKey: encodeBase64(raw), privateKey }
}

/** The object with a signature of this user by this key, under the name that the key has. */
export const signAs = <T extends JsonObject>(object: T, userId: string, name: string, { privateKey }: Key) =>
  signJson(object, {
    server: userId as ServerName,
    keyId: `ed25519:${name}`,
    sign: (message) => sign(null, message, privateKey),
  })

export type Usage = 'master' | 'self_signing' | 'user_signing'
export type KeySet = Readonly<Record<Usage, Key>>

export const makeKeySet = (): KeySet => ({ master: makeKey(), self_signing: makeKey(), user_signing: makeKey() })

/** A device that has keys. */
export class CryptoPerson {
  readonly talker: Talker
  readonly key = makeKey()
  /** Stands for a key of Curve25519: nobody looks into it here. */
  readonly identity = makeKey().publicKey

  constructor(talker: Talker) {
    this.talker = talker
  }

  get id(): string {
    return this.talker.id
  }
  get deviceId(): string {
    return this.talker.person.deviceId
  }

  deviceKeys(more: JsonObject = {}): JsonObject {
    const { id, deviceId } = this
    const bare = {
      user_id: id,
      device_id: deviceId,
      algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
      keys: { [`ed25519:${deviceId}`]: this.key.publicKey, [`curve25519:${deviceId}`]: this.identity },
      ...more,
    }
    return signAs(bare, id, deviceId, this.key)
  }

  /** A signed one-time key. */
  oneTimeKey(text: string, more: JsonObject = {}): JsonObject {
    return signAs({ key: text, ...more }, this.id, this.deviceId, this.key)
  }
  /** Keys called 1, 2, ... as `upload` takes them. */
  oneTimeKeys(names: readonly string[]): JsonObject {
    return Object.fromEntries(names.map((name) => [`signed_curve25519:${name}`, this.oneTimeKey(`key ${name}`)]))
  }

  upload = (body: object) => this.talker.tryTo(api.uploadKeys, { body })
  query = (users: readonly string[]) =>
    this.talker.do(api.queryKeys, { body: { device_keys: Object.fromEntries(users.map((id) => [id, []])) } })
  claim = (whom: CryptoPerson, algorithm = 'signed_curve25519') =>
    this.talker.do(api.claimKeys, { body: { one_time_keys: { [whom.id]: { [whom.deviceId]: algorithm } } } })
  /** The names of what a claim of one device brought. */
  async claimName(whom: CryptoPerson): Promise<string | undefined> {
    const keys = (await this.claim(whom)).one_time_keys as Record<string, Record<string, object>>
    return Object.keys(keys[whom.id]?.[whom.deviceId] ?? {})[0]
  }

  crossSigningKey(usage: Usage, keys: KeySet): JsonObject {
    const { publicKey } = keys[usage]
    const bare = { user_id: this.id, usage: [usage], keys: { [`ed25519:${publicKey}`]: publicKey } }
    return usage === 'master' ? bare : signAs(bare, this.id, keys.master.publicKey, keys.master)
  }
  crossSigningKeys = (keys: KeySet) => ({
    master_key: this.crossSigningKey('master', keys),
    self_signing_key: this.crossSigningKey('self_signing', keys),
    user_signing_key: this.crossSigningKey('user_signing', keys),
  })
  uploadSigningKeys = (body: object) => this.talker.tryTo(api.uploadSigningKeys, { body })
  uploadSignatures = async (body: object) => (await this.talker.do(api.uploadSignatures, { body })).failures
  proof = () => ({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: this.id },
    password: goodPassword,
  })
}
