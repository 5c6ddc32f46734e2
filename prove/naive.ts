/** Judges as they are written when nobody thinks of order. Each answers whether it ends elsewhere than Stripe. */
import type { Delivery } from './deliveries.ts'
import type { History } from './histories.ts'

type Naive = (history: History, deliveries: readonly Delivery[]) => boolean

export const naiveJudges: ReadonlyMap<string, Naive> = new Map([
  ['the payload that came last wins', (history, deliveries) => isWrong(history, deliveries, () => true)],
  ['the payload with the newest `created` wins', (history, deliveries) => isWrong(history, deliveries, isNewer)],
])

type Payload = Delivery['payload']

const isNewer = (one: Payload, before: Payload): boolean => one.createdSeconds >= before.createdSeconds

function isWrong(
  { things }: History,
  deliveries: readonly Delivery[],
  replaces: (one: Payload, before: Payload) => boolean,
): boolean {
  return things.some((thing) => {
    let last: Payload | undefined
    for (const { payload } of deliveries) {
      if (!payload.isBent && payload.thing === thing && (!last || replaces(payload, last))) last = payload
    }
    // What Stripe made no event of cannot be held against a judge of payloads.
    return thing.moments.at(-1)!.types.length > 0 && last?.moment.seen !== thing.moments.at(-1)!.seen
  })
}
