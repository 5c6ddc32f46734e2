/**
 * Client secrets of intents and pages: with the publishable key they open one to whoever holds them, and nobody reads them from what is kept
 * (TRU-10). Everything else of a body stays as it came, byte by byte, and so does its length.
 */
const mark = Buffer.from('_secret_')
const owner = /(?:^|\W)(?:pi|seti|cs)_\w+$/
const longestId = 255
const star = '*'.charCodeAt(0)

/** Overwrites them with stars where they stand. */
export function blankClientSecrets(body: Uint8Array): void {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + mark.length)) {
    if (!owner.test(bytes.toString('latin1', Math.max(0, at - longestId), at))) continue
    for (let place = at + mark.length; isWordByte(bytes[place]); place += 1) bytes[place] = star
  }
}

function isWordByte(byte = 0): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || (byte >= 0x61 && byte <= 0x7a)
  )
}
