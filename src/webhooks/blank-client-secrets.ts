/**
 * Client secrets of intents and pages: with the publishable key they open one to whoever holds them, and nobody reads them from what is kept
 * (TRU-10). Everything else of a body stays as it came, byte by byte, and so does its length. A test holds it against the plain expression.
 */
const mark = Buffer.from('_secret_')
const owner = /^(?:pi|seti|cs)_/
const star = '*'.charCodeAt(0)

/** Overwrites them with stars where they stand. */
export function blankClientSecrets(bytes: Buffer): void {
  for (let at = bytes.indexOf(mark); at !== -1;) {
    let [start, end] = [at, at + mark.length]
    while (isWordByte(bytes[start - 1])) start -= 1
    while (isWordByte(bytes[end])) end += 1
    const [named] = owner.exec(bytes.toString('latin1', start, start + 5)) ?? []
    // An id needs a letter of its own, so the first mark may stand too early in the word.
    const first = named === undefined ? -1 : bytes.subarray(0, end).indexOf(mark, start + named.length + 1)
    if (first !== -1) bytes.fill(star, first + mark.length, end)
    at = bytes.indexOf(mark, end)
  }
}

function isWordByte(byte = 0): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || (byte >= 0x61 && byte <= 0x7a)
  )
}
