/**
 * Secrets at rest (TRU-30, TRU-31): `v1|kek|dek version|wrapped key|iv, ciphertext and tag`, AES-256-GCM under a data key of its own,
 * which is itself wrapped by a master key. The additional data binds a value to its operator, field and row, so a ciphertext copied to
 * another place does not open. The tag length is always given: some runtimes accept a 4-byte tag otherwise (STK-60). What surprises: of
 * several master keys the first seals and all open, and what must outlive each of them (sessions, fingerprints) hangs on the
 * installation's own key, which is a sealed value like any other.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
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

/**
 * Where master keys are kept (TRU-32): it wraps the keys of single values and never sees a value. `environment` and `file` exist; it is
 * asked inside transactions, so a key service has to hand out its wrapping keys before, when the process starts (decision 0023).
 */
export type KeyProvider = {
  /** The id of the key that wraps. */
  readonly newest: string
  /** The ids of all keys it can unwrap with, the one that wraps first. */
  known(): readonly string[]
  wrap(dataKey: Buffer, bound: string): { readonly keyId: string; readonly wrapped: Buffer }
  /** @throws UnknownMasterKey when it has no key of this id, and another error when the key or what it is bound to is not the same. */
  unwrap(keyId: string, wrapped: { readonly bytes: Buffer; readonly bound: string }): Buffer
}

/** Says which master key is missing and what to do about it (TRU-242). */
export class UnknownMasterKey extends Error {
  constructor(keyId: string, known: readonly string[]) {
    super(
      `A stored secret needs master key ${keyId}; at hand ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}. ` +
        'Give that key again, as a further line of the key file or in RENTROLL_MASTER_KEYS_ACCEPTED, and run `npm run rewrap`.',
    )
  }
}

/** Master keys in memory, the one that wraps first. @param readAgain asked once for keys added meanwhile when one is missing. */
export function keyRing(keys: readonly Buffer[], readAgain: () => readonly Buffer[] = () => []): KeyProvider {
  const ring = new Map<string, Buffer>()
  const learn = (key: Buffer) => ring.set(masterKeyId(key), deriveKey(key, 'data keys'))
  for (const key of keys) learn(key)
  const [newest] = ring.keys()
  if (newest === undefined) throw new Error('A key ring without a key.')
  const find = (keyId: string): Buffer => {
    if (!ring.has(keyId)) for (const key of readAgain()) learn(key)
    const found = ring.get(keyId)
    if (!found) throw new UnknownMasterKey(keyId, [...ring.keys()])
    return found
  }
  return {
    newest,
    known: () => [...ring.keys()],
    wrap: (dataKey, bound) => ({ keyId: newest, wrapped: encrypt(find(newest), dataKey, bound) }),
    unwrap: (keyId, { bytes, bound }) => decrypt(find(keyId), bytes, bound),
  }
}

/** What a master key is called in stored texts and messages: it tells nothing about the key. */
export function masterKeyId(masterKey: Buffer): string {
  return createHash('sha256').update(masterKey).digest('hex').slice(0, 8)
}

export type Sealer = {
  /** The master key that new values are sealed under. */
  readonly keyId: string
  seal(secret: Secret, place: SecretPlace): string
  /** @throws when the text was altered, moved to another place, or sealed under a master key that is not at hand. */
  open(sealed: string, place: SecretPlace): Secret
  /**
   * The same value under the newest master key; undefined when it is there already. Only the wrapping changes (TRU-33), so this costs
   * the same for every value, and old and new text both open.
   */
  rewrap(sealed: string, operatorId: string): string | undefined
}

export type SecretBox = Sealer & {
  /** First 8 hex of a keyed hash: tells two secrets apart without telling either (TRU-34). */
  fingerprint(secret: Secret): string
  /** A key for another purpose derived from the installation's key, such as the signature of session cookies. */
  derive(purpose: string): Buffer
}

/** Seals and opens with these master keys. */
export function createSealer(keys: KeyProvider): Sealer {
  return {
    keyId: keys.newest,
    seal(secret, place) {
      const dataKey = randomBytes(32)
      const sealed = encrypt(dataKey, Buffer.from(secret.reveal(), 'utf8'), boundTo(place))
      return write(keys.wrap(dataKey, wrappedFor(place.operatorId)), sealed)
    },
    open(text, place) {
      const { keyId, wrapped, sealed } = parse(text)
      const dataKey = keys.unwrap(keyId, { bytes: wrapped, bound: wrappedFor(place.operatorId) })
      return new Secret(decrypt(dataKey, sealed, boundTo(place)).toString('utf8'))
    },
    rewrap(text, operatorId) {
      const { keyId, wrapped, sealed } = parse(text)
      if (keyId === keys.newest) return undefined
      const bound = wrappedFor(operatorId)
      return write(keys.wrap(keys.unwrap(keyId, { bytes: wrapped, bound }), bound), sealed)
    },
  }
}

/** @param installationKey 32 bytes that stay the same whatever becomes of the master keys. */
export function createSecretBox(keys: KeyProvider, installationKey: Buffer): SecretBox {
  const fingerprintKey = deriveKey(installationKey, 'fingerprints')
  return {
    ...createSealer(keys),
    derive: (purpose) => deriveKey(installationKey, purpose),
    fingerprint: (secret) => createHmac('sha256', fingerprintKey).update(secret.reveal()).digest('hex').slice(0, 8),
  }
}

/** A box of one key that is the installation's key as well, for whoever writes or reads a database without serving it. @param masterKey 32 bytes. */
export function secretBox(masterKey: Buffer): SecretBox {
  if (masterKey.length !== 32) throw new Error('The master key must be 32 bytes, base64 encoded.')
  return createSecretBox(keyRing([masterKey]), masterKey)
}

/** The id of the master key a stored text needs. @throws when it is not in a known form. */
export function sealedUnder(text: string): string {
  return parse(text).keyId
}

const tagLength = 16
const ivLength = 12
const dataKeyVersion = '1'

function write({ keyId, wrapped }: { keyId: string; wrapped: Buffer }, sealed: Buffer): string {
  return ['v1', keyId, dataKeyVersion, wrapped.toString('base64'), sealed.toString('base64')].join('|')
}

/** The one spelling each text has: what is not written as we write it is not read. */
function parse(text: string) {
  const [version, keyId = '', dataKey, wrapped = '', sealed = '', ...rest] = text.split('|')
  if (version !== 'v1' || dataKey !== dataKeyVersion || !/^[0-9a-f]{8}$/.test(keyId) || rest.length > 0) throw unknown()
  return { keyId, wrapped: bytesOf(wrapped), sealed: bytesOf(sealed) }
}

function bytesOf(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length < ivLength + tagLength || bytes.toString('base64') !== base64) throw unknown()
  return bytes
}

const unknown = () => new Error('A stored secret is not in a known form.')

function deriveKey(key: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `rentroll ${purpose}`, 32))
}

function wrappedFor(operatorId: string): string {
  return `wrap|${operatorId}`
}

function boundTo(place: SecretPlace): string {
  return JSON.stringify(['v1', place.operatorId, place.field, place.rowId])
}

function encrypt(key: Buffer, plain: Buffer, bound: string): Buffer {
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength }).setAAD(Buffer.from(bound))
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Buffer, sealed: Buffer, bound: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivLength), { authTagLength: tagLength })
  decipher.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(-tagLength))
  return Buffer.concat([decipher.update(sealed.subarray(ivLength, -tagLength)), decipher.final()])
}

export type KeySource = {
  readonly key?: string | undefined
  /** Further keys that open and do not seal: older ones, and before a change of keys the next one. */
  readonly accepted?: readonly string[] | undefined
  readonly file?: string | undefined
  /** The folder a key is made in at the first start: the demo on the embedded database. */
  readonly madeIn?: string | undefined
}

/**
 * The provider `environment` where a key was given, else `file` (TRU-32): a file of mode 0600 with one key a line, the first of which
 * seals. It is read again when a stored value needs a key that was not in it, so a key added to it needs no restart to open.
 * @throws StartRefusal with the sentence to show.
 */
export function openKeyProvider(source: KeySource): KeyProvider {
  if (source.key) return keyRing([source.key, ...(source.accepted ?? [])].map((key) => Buffer.from(key, 'base64')))
  const path = keyFileOf(source)
  if (!source.file && !existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, `${newMasterKey()}\n`, { mode: 0o600, flag: 'wx' })
  }
  return keyRing(readKeyFile(path), () => readKeyFile(path))
}

/** @throws StartRefusal when nothing says where master keys are. */
export function keyFileOf({ file, madeIn }: KeySource): string {
  const path = file ?? (madeIn && join(madeIn, 'master.key'))
  if (path) return path
  throw new StartRefusal('No master key. Create one with `npm run keys -- new` and set RENTROLL_MASTER_KEY_FILE.')
}

/** A fresh master key as it is written down. */
export function newMasterKey(): string {
  return randomBytes(32).toString('base64')
}

/** The keys of a file, in its order. @throws StartRefusal when it is missing, open to others or not in form. */
export function readKeyFile(path: string): readonly Buffer[] {
  if (!existsSync(path))
    throw new StartRefusal(`The master key file ${path} does not exist. Create one with \`npm run keys -- new\`.`)
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new StartRefusal(`The master key file ${path} can be read by others. Set its mode to 0600.`)
  const lines = readFileSync(path, 'utf8')
    .trim()
    .split(/\s*\n\s*/)
  const keys = lines.map((line) => Buffer.from(line, 'base64'))
  if (keys.some((key) => key.length !== 32))
    throw new StartRefusal(`The master key file ${path} does not hold keys of 32 bytes in base64, one a line.`)
  return keys
}

/** Whole or not at all: whoever reads it meanwhile finds the old keys or the new ones. */
export function writeKeyFile(path: string, keys: readonly Buffer[]): void {
  const beside = `${path}.new`
  writeFileSync(beside, keys.map((key) => `${key.toString('base64')}\n`).join(''), { mode: 0o600 })
  renameSync(beside, path)
}
