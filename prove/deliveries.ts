/**
 * The news of a history as an unkind network brings it: in the shape of 2023-08-16 or the current one, in any order, up to five times,
 * or not at all until a back-fill finds it days later. Between them come events that lie about who they are for. Each is the
 * bytes Stripe would send, with the object as it was when the event was made.
 */
import type { History, Moment, Thing } from './histories.ts'
import type { Random } from './random.ts'

export type Delivery = {
  readonly at: number
  readonly eventId: string
  readonly body: Uint8Array
  /** What the payload says, for judges that believe it. */
  readonly payload: {
    readonly thing: Thing
    readonly moment: Moment
    readonly createdSeconds: number
    readonly isBent: boolean
  }
}

export const owner = { operatorId: '01890000-0000-7000-8000-000000000001', accountId: 'acct_proof' }
const stranger = '01890000-0000-7000-8000-000000000002'
const shapes = ['2023-08-16', '2026-10-28.endive'] as const
const startSeconds = 1_795_000_000
const backFilledMs = 3 * 24 * 3_600_000

/** In order of arrival. */
export function deliver(history: History, random: Random): readonly Delivery[] {
  const deliveries: Delivery[] = []
  const shape = random.pick(shapes)
  let count = 0
  for (const thing of history.things) {
    for (const moment of thing.moments) {
      for (const type of moment.types) {
        count += 1
        const made = { history, thing, moment, type, shape, eventId: `evt_${thing.id}_${count}` }
        for (const at of arrivals(moment.at, random)) deliveries.push(toDelivery(made, at))
        if (!random.isHit(0.03)) continue
        const bent = random.pick(['account', 'mode', 'operator'] as const)
        deliveries.push(
          toDelivery({ ...made, bent, eventId: `${made.eventId}_bent` }, moment.at + random.below(60_000)),
        )
      }
    }
  }
  return deliveries.sort((one, other) => one.at - other.at)
}

/** When each copy comes; an event that was never delivered comes once, by back-fill. */
function arrivals(at: number, random: Random): readonly number[] {
  if (random.isHit(0.15)) return [at + backFilledMs + random.below(900_000)]
  const copies = random.isHit(0.2) ? 2 + random.below(4) : 1
  return Array.from({ length: copies }, () => at + delay(random))
}

function delay(random: Random): number {
  return random.below(random.pick([30, 500, 5_000, 60_000, 3_600_000]))
}

type Made = {
  readonly history: History
  readonly thing: Thing
  readonly moment: Moment
  readonly type: string
  readonly shape: (typeof shapes)[number]
  readonly eventId: string
  readonly bent?: 'account' | 'mode' | 'operator'
}

function toDelivery(made: Made, at: number): Delivery {
  const { shape, type, moment, thing, eventId, bent } = made
  const createdSeconds = startSeconds + Math.floor(moment.at / 1000)
  const event = {
    id: eventId,
    object: 'event',
    api_version: shape,
    created: createdSeconds,
    ...(bent === 'account' && { account: 'acct_of_somebody' }),
    data: { object: objectOf(made) },
    livemode: bent === 'mode',
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  }
  return {
    at,
    eventId,
    body: Buffer.from(JSON.stringify(event)),
    payload: { thing, moment, createdSeconds, isBent: bent !== undefined },
  }
}

/** The object an event carries is not always the one it is about: a session names its intent, a charge has refunds. */
function objectOf({ history, thing, moment, type, shape, bent }: Made): object {
  const metadata = { rentroll_operator: bent === 'operator' ? stranger : owner.operatorId }
  const [family] = type.split('.')
  if (family === 'checkout') {
    return { id: history.sessionId, object: 'checkout.session', mode: 'setup', setup_intent: thing.id, metadata }
  }
  const isOfCharge = family === 'charge' && thing.kind === 'refund' && type !== 'charge.refund.updated'
  if (isOfCharge) return { id: history.chargeId, object: 'charge', refunded: false, metadata, ...oldLinks(shape) }
  if (family === 'charge' && thing.kind !== 'refund') return { id: history.chargeId, object: 'charge', metadata }
  if (family === 'payment_method') return { id: `pm_${thing.id}`, object: 'payment_method', metadata }
  return {
    id: thing.id,
    object: thing.kind,
    status: moment.seen.status,
    metadata,
    ...(thing.kind === 'refund' ? { charge: history.chargeId } : oldLinks(shape)),
  }
}

/** Up to 2023-08-16 a charge and an intent name their invoice. */
function oldLinks(shape: string): object {
  return shape === '2023-08-16' ? { invoice: null } : {}
}
