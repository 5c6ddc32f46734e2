/**
 * G4, order (TRU-125): whatever is late, twice, out of order, lost and found again, every object ends as it would have ended
 * undisturbed. The judges are the product's; three naive ones live through the same histories and show that those can tell a
 * wrong judge from a right one.
 */
import { deliver, type Delivery } from './deliveries.ts'
import { makeHistory, type History } from './histories.ts'
import { naiveJudges } from './naive.ts'
import { written, type ProofOptions, type ProofReport } from './options.ts'
import { drawFrom } from './random.ts'
import { receive } from './receiving.ts'
import { judges as ours, judgeUndisturbed, truthOf, type Judges } from './rows.ts'

export type OrderTally = {
  histories: number
  objects: number
  deliveries: number
  accepted: number
  readonly breaches: string[]
  /** The case at which each naive judge first ended elsewhere. */
  readonly naiveFailedAt: Map<string, number>
}

export async function proveOrder({ n = 1_000_000, seed }: ProofOptions): Promise<ProofReport> {
  const startedAt = performance.now()
  const tally = judgeHistories({ n, seed })
  const rate = (n / (performance.now() - startedAt)) * 1000
  const controls = [...naiveJudges.keys()].map((name) => {
    const at = tally.naiveFailedAt.get(name)
    return { name, text: at === undefined ? `${name}: never failed` : `${name}: failed at case ${at}` }
  })
  const blind = controls.filter(({ name }) => !tally.naiveFailedAt.has(name))
  return {
    lines: [
      `${written(tally.histories)} histories, ${written(tally.objects)} objects, ${written(tally.deliveries)} deliveries, ${written(tally.accepted)} events taken in, ${written(rate)} histories/s`,
      `Ended elsewhere than undisturbed, or with an effect too many or too few: ${tally.breaches.length}`,
      ...controls.map(({ text }) => `Control, ${text}`),
    ],
    breaches: [
      ...tally.breaches,
      ...blind.map(({ name }) => `The control "${name}" was not found out: the histories prove nothing.`),
    ],
  }
}

/** @param judges other ones than the product's, to see them fail. */
export function judgeHistories({ n, seed, judges = ours }: { n: number; seed: number; judges?: Judges }): OrderTally {
  const tally: OrderTally = {
    histories: 0,
    objects: 0,
    deliveries: 0,
    accepted: 0,
    breaches: [],
    naiveFailedAt: new Map(),
  }
  for (let place = 0; place < n; place += 1) {
    const random = drawFrom(seed, place)
    const history = makeHistory(random, place)
    const deliveries = deliver(history, random)
    tally.histories += 1
    tally.objects += history.things.length
    tally.deliveries += deliveries.length
    const received = receive(history, deliveries, { random, judges })
    tally.accepted += received.accepted
    const faults = findFaults(history, received)
    if (faults.length > 0) tally.breaches.push(tell({ place, seed, history, deliveries, faults }))
    for (const [name, judge] of naiveJudges) {
      if (!tally.naiveFailedAt.has(name) && judge(history, deliveries)) tally.naiveFailedAt.set(name, place)
    }
  }
  return tally
}

function findFaults(history: History, { rows, wrongs }: ReturnType<typeof receive>): readonly string[] {
  const ends = rows.flatMap((row) => {
    const oracle = judgeUndisturbed(row.thing)
    const truth = truthOf(row.thing)
    if (oracle.state !== truth)
      return [`${row.thing.id}: undisturbed it ends ${oracle.state}, at Stripe it is ${truth}`]
    if (row.state !== truth)
      return [`${row.thing.id} ended ${row.state}, at Stripe it is ${truth} (${row.moves.join(', ')})`]
    return findWrongEffects(row)
  })
  return [...wrongs, ...ends]
}

/** Money is booked once and a card saved once; what a bank sent back is taken back once. */
function findWrongEffects({ thing, moves, state }: ReturnType<typeof receive>['rows'][number]): readonly string[] {
  const count = (to: string): number => moves.filter((move) => move === to).length
  const once = thing.kind === 'refund' ? ['succeeded', 'failed', 'canceled'] : ['succeeded', 'canceled']
  return once
    .filter((to) => count(to) > 1 || (state === to && count(to) !== 1))
    .map((to) => `${thing.id} took the effect of ${to} ${count(to)} times`)
}

type Told = {
  readonly place: number
  readonly seed: number
  readonly history: History
  readonly deliveries: readonly Delivery[]
  readonly faults: readonly string[]
}

/** The whole history in one sentence, so that it can be followed by hand. */
function tell({ place, seed, history, deliveries, faults }: Told): string {
  const things = history.things.map(({ id, moments, attempts }) => {
    const moves = moments.map(
      ({ at, seen }) => `${at} ${seen.status}${seen.lastError ? ` (${seen.lastError.code})` : ''}`,
    )
    const calls = attempts.map(({ begunAt, fate }) => `${begunAt} ${fate}`)
    return `${id}: ${moves.join(' → ')}${calls.length > 0 ? `; calls ${calls.join(', ')}` : ''}`
  })
  const arrived = deliveries.map(({ at, eventId }) => `${at} ${eventId}`)
  return `Case ${place} of seed ${seed}: ${faults.join('; ')}\n  ${things.join('\n  ')}\n  arrived: ${arrived.join(', ')}`
}
