/**
 * Whether a delivery was signed with one of our secrets (STR-48 to STR-53). Pure: header, bytes, time and keys in, the place of the
 * secret out. What surprises is how much it does for nothing: every slot is hashed and compared with every signature place, filled
 * or not, whatever matched before, so that the time taken tells nobody which secret it was, or how many there are.
 */
import { timingSafeEqual } from 'node:crypto'
import { HmacKey } from './hmac.ts'
import { isInWindow, parseSignatureHeader, type Fillers } from './signature.ts'

export type SignedDelivery = {
  readonly header: string | undefined
  readonly body: Uint8Array
  readonly now: Date
  readonly slots: readonly HmacKey[]
  readonly fillers: Fillers
}

/** The index of the slot whose key signed these bytes, or undefined. */
export function verifySignature({ header, body, now, slots, fillers }: SignedDelivery): number | undefined {
  const parsed = parseSignatureHeader(header)
  if (!parsed || !isInWindow(parsed.timestamp, now)) return undefined
  const places = [...parsed.signatures, ...fillers.places.slice(parsed.signatures.length)]
  const before = `${parsed.timestamp}.`
  let matches = 0
  HmacKey.each(slots, { before, body }, (expected, slot) => {
    for (const place of places) matches |= Number(timingSafeEqual(expected, place)) << slot
  })
  const first = 31 - Math.clz32(matches & -matches)
  // A filler that "matches" would need a key nobody has; it must not be taken for a secret all the same.
  return matches !== 0 && slots[first] !== fillers.keys[first] ? first : undefined
}
