/**
 * The three ways a mail hides bytes in plain characters: base64, quoted-printable, and encoded words in headers
 * (RFC 2045, RFC 2047). Bodies arrive here as strings in which each character is one byte, so nothing is decoded twice.
 */

/** Undoes a part's Content-Transfer-Encoding; `7bit`, `8bit` and `binary` bytes pass as they are. */
export function decodeTransfer(body: string, encoding: string): Uint8Array {
  const name = encoding.trim().toLowerCase()
  if (name === 'base64') return Buffer.from(body, 'base64')
  if (name === 'quoted-printable') return decodeQuotedPrintable(body)
  return Buffer.from(body, 'latin1')
}

function decodeQuotedPrintable(body: string): Uint8Array {
  const joined = body.replace(/[ \t]+(\r?\n|$)/g, '$1').replace(/=\r?\n/g, '')
  return Buffer.from(decodeEscapes(joined), 'latin1')
}

function decodeEscapes(text: string): string {
  return text.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Bytes to text. An unknown charset is read as Windows-1252, where every byte means something. */
export function decodeCharset(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset || 'utf-8').decode(bytes)
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder('windows-1252').decode(bytes)
    throw error
  }
}

interface EncodedWord {
  charset: string
  bytes: Uint8Array
}

/**
 * A header value as people read it: `=?utf-8?Q?Caf=C3=A9?=` becomes `Café`. White space between two encoded words does
 * not count, and words of one charset are joined before decoding, because a character may be cut in two by them.
 */
export function decodeHeaderText(value: string): string {
  const words = /=\?([^?*\s]+)(?:\*[^?\s]*)?\?([bq])\?([^?]*)\?=/gi
  let text = ''
  let pending: EncodedWord | null = null
  let end = 0
  for (const match of value.matchAll(words)) {
    const between = value.slice(end, match.index)
    if (pending === null || between.trim() !== '') {
      text += flush(pending) + decodeRaw(between)
      pending = null
    }
    const word = readWord(match[1] ?? '', match[2] ?? '', match[3] ?? '')
    const joins: boolean = pending !== null && pending.charset === word.charset
    if (pending !== null && joins) {
      pending = { charset: word.charset, bytes: Buffer.concat([pending.bytes, word.bytes]) }
    } else {
      text += flush(pending)
      pending = word
    }
    end = match.index + match[0].length
  }
  return text + flush(pending) + decodeRaw(value.slice(end))
}

function flush(word: EncodedWord | null): string {
  return word === null ? '' : decodeCharset(word.bytes, word.charset)
}

function readWord(charset: string, kind: string, body: string): EncodedWord {
  const bytes =
    kind.toLowerCase() === 'b'
      ? Buffer.from(body, 'base64')
      : Buffer.from(decodeEscapes(body.replaceAll('_', ' ')), 'latin1')
  return { charset: charset.toLowerCase(), bytes }
}

/** A header with bytes above 127 and no encoding is UTF-8 (RFC 6532). */
function decodeRaw(value: string): string {
  return new TextDecoder('utf-8').decode(Buffer.from(value, 'latin1'))
}
