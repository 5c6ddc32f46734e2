/**
 * The signature check alone (PERF-30): four slots with equal work, beside the loop over two secrets that the SDK's own check makes of
 * it. In one process and in turns, because nothing but processor time is compared.
 */
import Stripe from 'stripe'
import { drawFillers, fillSlots } from '../src/webhooks/signature.ts'
import { verifySignature } from '../src/webhooks/verify-signature.ts'
import { makeEvents, signEvent } from './events.ts'
import { ratioLines, ratioOf, spread, tableLines } from './figures.ts'
import type { BenchOptions, BenchReport } from './options.ts'

const secrets = ['whsec_bench_first_secret', 'whsec_bench_second_secret'] as const
const strange = 'whsec_bench_of_somebody_else'

interface Outcome {
  readonly name: string
  readonly secret: string
  readonly isRight: boolean
}

const outcomes: readonly Outcome[] = [
  { name: 'first secret', secret: secrets[0], isRight: true },
  { name: 'second secret', secret: secrets[1], isRight: true },
  { name: 'no secret', secret: strange, isRight: false },
]

type Check = (body: Buffer, signature: string) => boolean

export async function measureVerify(options: BenchOptions): Promise<BenchReport> {
  const n = options.n ?? (options.isQuick ? 200 : 25_000)
  const checks: Readonly<Record<string, Check>> = { product: makeFixedCheck(), sdk: makeSdkLoop() }
  const [event] = makeEvents({ kind: 'mixed', n: 1, accounts: 1, duplicates: false, isShuffled: false, seed: 1 })
  const text = event?.body ?? ''
  const body = Buffer.from(text)
  const timestamp = Math.floor(Date.now() / 1000)
  const times = new Map<string, number[]>()
  for (let rep = 0; rep <= options.reps; rep += 1) {
    for (const { name: outcome, secret, isRight } of outcomes) {
      const signature = signEvent(text, { secret, timestamp })
      for (const [name, check] of Object.entries(checks)) {
        const microseconds = timeOf(() => check(body, signature) === isRight, n)
        // The first round warms up.
        if (rep > 0) times.set(`${name} ${outcome}`, [...(times.get(`${name} ${outcome}`) ?? []), microseconds])
      }
    }
  }
  const of = (name: string, outcome: string): readonly number[] => times.get(`${name} ${outcome}`) ?? []
  const ratios = [
    ratioOf(
      { name: 'verify CPU / SDK loop, signed by the second secret', is: 'most', goal: 1 },
      { ours: of('product', 'second secret'), theirs: of('sdk', 'second secret') },
    ),
  ]
  const rows = outcomes.map(({ name }) => [name, spread(of('product', name), 1), spread(of('sdk', name), 1)])
  return {
    lines: [
      `verify: ${n} checks of 4.0 KB, ${options.reps} repetitions, µs of processor time each`,
      ...tableLines(['signed by', 'product, 4 slots', 'SDK loop, 2 secrets'], rows),
      '',
      ...ratioLines(ratios),
    ],
    ratios,
    figures: Object.fromEntries(times),
  }
}

function makeFixedCheck(): Check {
  let drawn = 0
  const fillers = drawFillers(() => `bench-filler-of-more-than-32-bytes-${(drawn += 1)}`)
  const slots = fillSlots(secrets, fillers)
  const now = new Date()
  return (body, signature) => verifySignature({ header: signature, body, now, slots, fillers }) !== undefined
}

function makeSdkLoop(): Check {
  const stripe = new Stripe('sk_test_bench')
  return (body, signature) =>
    secrets.some((secret) => {
      try {
        return stripe.webhooks.constructEvent(body, signature, secret) !== undefined
      } catch {
        return false
      }
    })
}

/** Microseconds of processor time each. @throws when one came out wrong. */
function timeOf(work: () => boolean, n: number): number {
  const before = process.cpuUsage()
  for (let count = 0; count < n; count += 1) if (!work()) throw new Error('A check came out wrong: no figure (PERF-4).')
  const { user, system } = process.cpuUsage(before)
  return (user + system) / n
}
