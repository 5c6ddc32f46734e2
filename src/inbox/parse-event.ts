/**
 * Reads a verified body as a Stripe event, snapshot or thin (STR-55). A right signature proves who sent it, not that it makes sense:
 * scalars, cut JSON, 40 levels of nesting or an id of a megabyte are all answered with undefined, never with an exception, because
 * such a body is kept as a dead letter.
 */
import { isUtf8 } from 'node:buffer'

export type StripeEvent = {
  readonly eventId: string
  readonly type: string
  /** Undefined in thin events that do not say. */
  readonly isLive: boolean | undefined
  /** The connected account it is about; absent when it is about the endpoint's own account. */
  readonly account: string | undefined
  readonly apiVersion: string
  readonly objectKind: string
  /** Empty where the object has no id, such as a balance. */
  readonly objectId: string
  /** The object as sent, for the few ids that routing needs. Never a source of money (STR-66). */
  readonly sent: Fields
}

type Fields = Readonly<Record<string, unknown>>

const deepest = 32
const printable = /^[\x21-\x7e]{1,255}$/
const eventIdForm = /^evt_[\x21-\x7e]{1,251}$/

export function parseEvent(body: Uint8Array): StripeEvent | undefined {
  const value = parseJson(body)
  if (!isFields(value)) return undefined
  const { id, type, object, livemode } = value
  if (!isText(id, eventIdForm) || !isText(type, printable)) return undefined
  const about = object === 'event' ? snapshotObject(value) : thinObject(value)
  if (!about) return undefined
  return {
    eventId: id,
    type,
    isLive: typeof livemode === 'boolean' ? livemode : undefined,
    account: wordIn(value, object === 'event' ? 'account' : 'context'),
    apiVersion: wordIn(value, 'api_version') ?? '',
    ...about,
  }
}

/** A printable word of this name, or undefined: the only way anything of a body gets into a column. */
export function wordIn(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return isText(value, printable) ? value : undefined
}

/** The metadata of the object as sent; empty where it has none. */
export function metadataIn({ sent }: StripeEvent): Fields {
  const { metadata } = sent
  return isFields(metadata) ? metadata : {}
}

function snapshotObject(event: Fields) {
  const { data, livemode } = event
  const sent = isFields(data) ? data['object'] : undefined
  if (!isFields(sent) || typeof livemode !== 'boolean') return undefined
  const objectKind = wordIn(sent, 'object')
  return objectKind === undefined ? undefined : { objectKind, objectId: wordIn(sent, 'id') ?? '', sent }
}

function thinObject(event: Fields) {
  const { object, related_object: related } = event
  if (object !== 'v2.core.event' || !isFields(related)) return undefined
  const objectKind = wordIn(related, 'type')
  return objectKind === undefined ? undefined : { objectKind, objectId: wordIn(related, 'id') ?? '', sent: {} }
}

/** Undefined for what is no JSON, or too deep. A byte-order mark is kept by the decoder, so it fails here like any other stray character. */
function parseJson(body: Uint8Array): unknown {
  if (!isUtf8(body)) return undefined
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const text = bytes.toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    return mayBeDeep(text) && isDeeperThan(value, deepest) ? undefined : value
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What opens no more than so many objects and lists is no deeper: counting them is less work than walking through most events. */
function mayBeDeep(text: string): boolean {
  let left = deepest
  for (const opener of ['{', '[']) {
    for (let at = text.indexOf(opener); at !== -1; at = text.indexOf(opener, at + 1)) {
      if (left === 0) return true
      left -= 1
    }
  }
  return false
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1))
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value)
}
