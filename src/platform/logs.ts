/**
 * Structured logs as JSON lines. Redacting by field misses secrets inside messages and errors, so every line passes one scrubber by
 * pattern before it leaves the process (TRU-261); the same scrubber cleans texts that are stored or shown.
 */
import { open } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { isUuid } from '#kernel'
import { pino, type Logger } from 'pino'

export type Logs = Logger

const patterns: readonly (readonly [RegExp, string])[] = [
  [/\b(sk|rk|pk)_(test|live)_[A-Za-z0-9_]+/g, '$1_$2_••••'],
  [/\bsk_org_[A-Za-z0-9_]+/g, 'sk_org_••••'],
  [/\bwhsec_[A-Za-z0-9+/=_-]+/g, 'whsec_••••'],
  [/\b(pi|seti|cs)_([A-Za-z0-9]+)_secret_[A-Za-z0-9]+/g, '$1_$2_secret_••••'],
  [/\brrk_(test|live)_[A-Za-z0-9_-]+/g, 'rrk_$1_••••'],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 ••••'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g, '••••'],
  [/connect\.stripe\.com\/setup\/[^\s"']+/g, 'connect.stripe.com/setup/••••'],
  [/\/(webhook|reset-password|verify-email|pay|resume)\/[A-Za-z0-9_-]{43}/g, '/$1/••••'],
  [/([?&]token=)[A-Za-z0-9_-]{20,}/g, '$1••••'],
  [/\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b/g, '•@•'],
  [/(postgres(?:ql)?:\/\/[^:\s]+:)[^@\s]+@/g, '$1••••@'],
]

/** The second half of an id may be digits alone and look like a card; an id is taken whole, so that it is left alone. */
const cardOrUuid = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b\d(?:[ -]?\d){12,18}\b/g

/** Replaces anything that looks like a secret, a card number or a mail address. */
export function scrub(text: string): string {
  const cleaned = patterns.reduce((line, [pattern, replacement]) => line.replace(pattern, replacement), text)
  return cleaned.replace(cardOrUuid, (found) => (isUuid(found) || !isLuhnValid(found) ? found : '••••'))
}

/** True for 13 to 19 digits with a right check digit: what a card number looks like (TRU-115). */
export function isLuhnValid(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  if (digits.length < 13 || digits.length > 19) return false
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? Number(digit) * 2 : Number(digit)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}

/** @param write where finished lines go; stdout when not given. */
export function createLogs(
  level: string,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Logs {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      write(scrub(String(chunk)))
      done()
    },
  })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
}

/**
 * Adds whole lines to the end of a file, which is made when it is missing (mode 0600), and has them on the disk when it resolves. In one
 * write at the end (O_APPEND), so that several processes may share the file; a line that somebody left half written is ended first.
 * @throws the error of opening or writing. What was written by half is then still there.
 */
export async function appendLines(path: string, lines: readonly string[]): Promise<void> {
  const file = await open(path, 'a+', 0o600)
  try {
    if (lines.length === 0) return
    const { size } = await file.stat()
    const { buffer: last, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1))
    const isTorn = bytesRead === 1 && last.toString('latin1') !== '\n'
    const bytes = Buffer.from(`${isTorn ? '\n' : ''}${lines.join('\n')}\n`)
    const { bytesWritten } = await file.write(bytes)
    if (bytesWritten < bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes could be written`)
    await file.datasync()
  } finally {
    await file.close()
  }
}
