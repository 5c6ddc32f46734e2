/**
 * Secrets at rest (TRU-30, TRU-31): `v1|kek|dek version|wrapped key|iv|ciphertext|tag`, AES-256-GCM under a data key per operator,
 * which is itself wrapped by the master key. The additional data binds a value to its operator, field and row, so a ciphertext
 * copied to another place does not open. The tag length is always given: some runtimes accept a 4-byte tag otherwise (STK-60).
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { StartRefusal } from './configuration.ts'

/** A secret in memory: printing, logging or serialising it shows dots (TRU-35). */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  /** Opens it. Call this in the line that uses the value, nowhere else. */
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '••••'
  }
  toJSON(): string {
    return '••••'
  }
  [inspect.custom](): string {
    return '••••'
  }
}

export type SecretPlace = { readonly operatorId: string; readonly field: string; readonly rowId: string }

export type SecretBox = {
  readonly keyId: string
  seal(secret: Secret, place: SecretPlace): string
  /** @throws when the text was altered, moved to another place, or sealed under another master key. */
  open(sealed: string, place: SecretPlace): Secret
  /** First 8 hex of a keyed hash: tells two secrets apart without telling either (TRU-34). */
  fingerprint(secret: Secret): string
  /** A key for another purpose derived from the master key, such as the signature of session cookies. */
  derive(purpose: string): Buffer
}

const tagLength = 16

/** @param masterKey 32 bytes. */
export function secretBox(masterKey: Buffer): SecretBox {
  if (masterKey.length !== 32) throw new Error('The master key must be 32 bytes, base64 encoded.')
  const keyId = createHash('sha256').update(masterKey).digest('hex').slice(0, 8)
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', masterKey, '', `rentroll ${purpose}`, 32))
  const wrappingKey = derive('data keys')
  const fingerprintKey = derive('fingerprints')
  return {
    keyId,
    derive,
    seal(secret, place) {
      const dataKey = randomBytes(32)
      const wrapped = encrypt(wrappingKey, dataKey, `wrap|${place.operatorId}`)
      const sealed = encrypt(dataKey, Buffer.from(secret.reveal(), 'utf8'), boundTo(place))
      return ['v1', keyId, '1', wrapped.toString('base64'), sealed.toString('base64')].join('|')
    },
    open(text, place) {
      const [version, sealedBy, , wrapped, sealed] = text.split('|')
      if (version !== 'v1' || !wrapped || !sealed) throw new Error('A stored secret is not in a known form.')
      if (sealedBy !== keyId)
        throw new Error(`A stored secret needs master key ${sealedBy}; the present one is ${keyId}.`)
      const dataKey = decrypt(wrappingKey, Buffer.from(wrapped, 'base64'), `wrap|${place.operatorId}`)
      return new Secret(decrypt(dataKey, Buffer.from(sealed, 'base64'), boundTo(place)).toString('utf8'))
    },
    fingerprint: (secret) => createHmac('sha256', fingerprintKey).update(secret.reveal()).digest('hex').slice(0, 8),
  }
}

function boundTo(place: SecretPlace): string {
  return JSON.stringify(['v1', place.operatorId, place.field, place.rowId])
}

function encrypt(key: Buffer, plain: Buffer, bound: string): Buffer {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength }).setAAD(Buffer.from(bound))
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Buffer, sealed: Buffer, bound: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: tagLength })
  decipher.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(-tagLength))
  return Buffer.concat([decipher.update(sealed.subarray(12, -tagLength)), decipher.final()])
}

/**
 * The master key (TRU-32): from the environment, from a file of mode 0600, or, for the demo on the embedded database, made in the data
 * folder at the first start. @throws StartRefusal with the sentence to show.
 */
export function loadMasterKey(options: {
  key?: string | undefined
  file?: string | undefined
  madeIn?: string | undefined
}): Buffer {
  if (options.key) return Buffer.from(options.key, 'base64')
  const path = options.file ?? (options.madeIn && join(options.madeIn, 'master.key'))
  if (!path)
    throw new StartRefusal('No master key. Create one with `npm run keys -- new` and set RENTROLL_MASTER_KEY_FILE.')
  if (!options.file && !existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  }
  if (!existsSync(path))
    throw new StartRefusal(`The master key file ${path} does not exist. Create one with \`npm run keys -- new\`.`)
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new StartRefusal(`The master key file ${path} can be read by others. Set its mode to 0600.`)
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
  if (key.length !== 32)
    throw new StartRefusal(`The master key file ${path} does not hold a key of 32 bytes in base64.`)
  return key
}
