/**
 * What a signature is compared by: the header `Stripe-Signature` with its grammar and time window (STR-50, STR-51), and the slots of
 * an address (STR-52). The header is read more strictly than by the SDK, on purpose; nothing in it makes this throw. Slots nobody
 * uses are filled with keys nobody has.
 */
import { createHmac } from 'node:crypto'
import { HmacKey } from './hmac.ts'

export type SignatureHeader = {
  /** The digits as sent: they are part of what was signed. */
  readonly timestamp: string
  /** At most as many as there are places, 32 bytes each. */
  readonly signatures: readonly Buffer[]
}

/** Drawn once per process. */
export type Fillers = { readonly keys: readonly HmacKey[]; readonly places: readonly Buffer[] }

const slotSizes = [4, 8, 16] as const
const mostSlots = 16
const signaturePlaces = 8
const longestHeader = 4096
const windowSeconds = 300
const partForm = /^[a-z0-9_]{1,16}=[\x21-\x2b\x2d-\x7e]*$/
const timestampForm = /^[0-9]{1,12}$/
const signatureForm = /^[0-9a-f]{64}$/

/** Reads `t=…,v1=…`; undefined for everything else. */
export function parseSignatureHeader(header: string | undefined): SignatureHeader | undefined {
  if (header === undefined || header.length > longestHeader) return undefined
  const timestamps: string[] = []
  const signatures: Buffer[] = []
  for (const part of header.split(',')) {
    if (!partForm.test(part)) return undefined
    if (part.startsWith('t=')) timestamps.push(part.slice('t='.length))
    if (!part.startsWith('v1=') || signatures.length === signaturePlaces) continue
    const value = part.slice('v1='.length)
    if (signatureForm.test(value)) signatures.push(Buffer.from(value, 'hex'))
  }
  const [timestamp = ''] = timestamps
  if (timestamps.length !== 1 || !timestampForm.test(timestamp) || signatures.length === 0) return undefined
  return { timestamp, signatures }
}

/** Five minutes both ways, in whole seconds as Stripe counts them. */
export function isInWindow(timestamp: string, now: Date): boolean {
  return Math.abs(Math.floor(now.getTime() / 1000) - Number(timestamp)) <= windowSeconds
}

/** @param draw gives a new random text of at least 32 bytes each time. */
export function drawFillers(draw: () => string): Fillers {
  return {
    keys: Array.from({ length: mostSlots }, () => new HmacKey(draw())),
    places: Array.from({ length: signaturePlaces }, () => createHmac('sha256', draw()).digest()),
  }
}

/**
 * The slots of one address: 4, 8 or 16, the smallest number that holds its valid secrets, so that it changes only when secrets
 * change and never with a request. @param secrets as Stripe uses them, the whole text with `whsec_`; a blank one takes no part (STR-53).
 */
export function fillSlots(secrets: readonly string[], fillers: Fillers): readonly HmacKey[] {
  const size = slotSizes.find((slots) => slots >= secrets.length) ?? mostSlots
  return fillers.keys.slice(0, size).map((filler, slot) => {
    const secret = secrets[slot] ?? ''
    return secret.trim() === '' ? filler : new HmacKey(secret)
  })
}
