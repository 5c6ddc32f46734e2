/**
 * HMAC-SHA-256 (RFC 2104) of one message under several keys, the largest single cost of a delivery (PERF-41). What surprises: it is put together
 * here from plain hashes, because `createHmac` makes objects whose making and clearing away cost more than hashing four kilobytes
 * does (decision 0039). A test holds it against `createHmac` (PERF-7).
 */
import { hash } from 'node:crypto'

const blockBytes = 64
const hashBytes = 32
const firstBytes = 64 * 1024

/** What is hashed: a block of the key and the message behind it. It grows with the longest message; nothing waits while it is in use. */
let inner = Buffer.alloc(firstBytes)
const outer = Buffer.alloc(blockBytes + hashBytes)
const mac = Buffer.alloc(hashBytes)

/** A secret made ready. Printing it shows nothing of it (TRU-10). */
export class HmacKey {
  readonly #before: { readonly inner: Uint8Array; readonly outer: Uint8Array }

  /** @param secret as text, used as UTF-8. */
  constructor(secret: string) {
    const bytes = Buffer.from(secret, 'utf8')
    const block = Buffer.alloc(blockBytes)
    block.set(bytes.byteLength > blockBytes ? hash('sha256', bytes, 'buffer') : bytes)
    this.#before = { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) }
  }

  /**
   * The same work for every key. @param before ASCII; the body follows without anything between. @param tell is given each MAC with the place
   * of its key. The bytes are the same ones each time, so they are read there and then.
   */
  static each(
    keys: readonly HmacKey[],
    { before, body }: { readonly before: string; readonly body: Uint8Array },
    tell: (mac: Uint8Array, place: number) => void,
  ): void {
    const bodyAt = blockBytes + before.length
    const size = bodyAt + body.byteLength
    if (inner.byteLength < size) inner = Buffer.alloc(size)
    inner.write(before, blockBytes, 'latin1')
    inner.set(body, bodyAt)
    const message = inner.subarray(0, size)
    keys.forEach((key, place) => {
      inner.set(key.#before.inner)
      outer.set(key.#before.outer)
      // As text of one byte a letter: a Buffer for each hash would cost more than the hash.
      outer.write(hash('sha256', message, 'latin1'), blockBytes, 'latin1')
      mac.write(hash('sha256', outer, 'latin1'), 'latin1')
      tell(mac, place)
    })
  }
}
