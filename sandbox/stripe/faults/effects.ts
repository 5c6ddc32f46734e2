/**
 * Everything that can be made to go wrong (SBX-47), as tables: the name of an effect and its settings with their defaults.
 * The types of the effects follow from the tables, and so does what a wrong setting is refused with.
 */
import { declineCodes } from './decline-codes.ts'
import { FaultRefused, count, oneOf, readFields, readGroup, word } from './fields.ts'
import type { FieldValues, Fields, Loose } from './fields.ts'
import { patchField } from './json-patch.ts'

export type Where = 'api' | 'webhook' | 'mail'

const statuses = [401, 403, 404, 409, 429, 500, 503] as const
const clientStatuses = [400, 401, 402, 403, 404, 409, 429] as const
const minute = 60_000
const day = 24 * 60 * minute
const longestMs = 40 * day
const when = oneOf('before', ['before', 'after'])

/** Statuses are HTTP's; `ms` counts real milliseconds here, because a caller waits in real time. */
const apiEffects = {
  status_before: { status: oneOf(500, statuses) },
  status_after: { status: oneOf(500, statuses) },
  drop_before: {},
  drop_after: {},
  delay: { ms: count(1000, 10 * minute), when },
  /** No answer at all; the connection is closed after `ms`, or when the caller gives up. */
  hang: { ms: count(2 * minute, 10 * minute), when },
  /** The port is closed for `ms`, for everybody: nothing of the sandbox can be reached. */
  refuse: { ms: count(minute / 2, 10 * minute) },
  empty_200: {},
  no_error_key: { status: oneOf(404, clientStatuses) },
  html_502: {},
  /** The answer breaks off after half of it, or after `percent` of it. */
  truncate: { percent: count(50, 99) },
  mutate: { patch: patchField() },
  forget_idempotency_keys: {},
  lock_timeout: {},
  key_in_use: {},
  search_lag: { seconds: count(3600, 3600) },
  decline_next: { code: oneOf('generic_decline', declineCodes) },
  revoke_key: {},
  payout_off_by_one: {},
} as const satisfies Readonly<Record<string, Fields>>

/** `ms`, `seconds` and `hours` are sandbox time, except for `flood`, which is sent in real time. */
const webhookEffects = {
  drop: {},
  delay: { ms: count(minute, longestMs) },
  duplicate: { copies: count(1, 100) },
  /** Deliveries are kept for `ms` and then sent newest first. */
  reorder: { ms: count(minute, longestMs) },
  two_events: {},
  bad_signature: {},
  stale: { seconds: count(3600, 400 * 86_400) },
  future: { seconds: count(3600, 400 * 86_400) },
  wrong_secret: {},
  old_secret: {},
  unknown_account: { account: word('acct_1SandboxUnknown00') },
  wrong_livemode: {},
  old_shape: { version: word('2023-08-16') },
  /** The thin form of the event at an address that takes snapshots. */
  thin: {},
  no_event: {},
  outage: { hours: count(1, 40 * 24) },
  flood: { per_second: count(20, 200), seconds: count(1, 30) },
} as const satisfies Readonly<Record<string, Fields>>

/** The number of a refusal is the answer's status and what a mail server would say. */
const mailEffects = {
  refuse_temporary: {},
  refuse_permanent: {},
  bounce_later: { ms: count(minute, longestMs) },
  delay: { ms: count(10 * minute, longestMs) },
} as const satisfies Readonly<Record<string, Fields>>

type EffectsOf<Table extends Readonly<Record<string, Fields>>> = {
  [Kind in keyof Table & string]: { readonly kind: Kind } & FieldValues<Table[Kind]>
}[keyof Table & string]

export type ApiEffect = EffectsOf<typeof apiEffects>
export type WebhookEffect = EffectsOf<typeof webhookEffects>
export type MailEffect = EffectsOf<typeof mailEffects>
export type Effect = ApiEffect | WebhookEffect | MailEffect

/** The tables by place, for reading a wish and for drawing the console's form. */
export const effectTables: Readonly<Record<Where, Readonly<Record<string, Fields>>>> = {
  api: apiEffects,
  webhook: webhookEffects,
  mail: mailEffects,
}

/** An effect is `{kind: 'delay', ms: 500}`, or its name alone: 'drop_after'. Throws FaultRefused. */
export function readEffect(where: Where, given: unknown): Effect {
  const effect: Loose = typeof given === 'string' ? { kind: given } : readGroup(given, 'effect')
  const table = effectTables[where]
  const kind = String(effect['kind'])
  const fields = Object.hasOwn(table, kind) ? table[kind] : undefined
  if (fields === undefined) {
    throw new FaultRefused(`effect must be one of ${Object.keys(table).join(', ')} for ${where}.`)
  }
  return { kind, ...readFields(effect, fields) } as unknown as Effect
}
