/**
 * Whether the time of a verification tells which secret matched (TRU-7). Five outcomes of the verifier the server uses, drawn at random
 * one after another in one process, and Welch's t between every two of them. Beside it, in the same turns, the loop that tries one
 * secret after the other and stops at the first that fits: there the time must tell, or the measurement sees nothing.
 *
 * Cropping, the same for all: of all samples of one verifier together the longest tenth is left out, because what takes that long
 * is the collector of garbage or another process. The bound is drawn without regard to the outcome.
 */
import { randomBytes } from 'node:crypto'
import Stripe from 'stripe'
import { drawFillers, fillSlots } from '../src/webhooks/signature.ts'
import { verifySignature } from '../src/webhooks/verify-signature.ts'
import { sign } from './good.ts'
import { written, type ProofReport } from './options.ts'
import { drawFrom } from './random.ts'

const mostT = 4.5
const keptShare = 0.9
const bodies = 32

const outcomes = ['platform', 'connect', 'old', 'no match'] as const
type Outcome = (typeof outcomes)[number]

type Sample = { readonly header: string; readonly body: Buffer }

/** @param about.samples per outcome. */
export function proveTiming({ samples, seed }: { samples: number; seed: number }): ProofReport {
  const secretOf = (): string => `whsec_${randomBytes(24).toString('base64url')}`
  const secrets: Record<Outcome, string> = {
    platform: secretOf(),
    connect: secretOf(),
    old: secretOf(),
    'no match': secretOf(),
  }
  const valid = [secrets.platform, secrets.connect, secrets.old]
  const fillers = drawFillers(() => randomBytes(32).toString('base64url'))
  const slots = fillSlots(valid, fillers)
  const now = new Date()
  const seconds = Math.floor(now.getTime() / 1000)
  const pool = makePools(secrets, seconds)
  const stripe = new Stripe('sk_test_unused')
  const inLoop = ({ header, body }: Sample): boolean => {
    for (const secret of valid) {
      try {
        stripe.webhooks.constructEvent(body, header, secret)
        return true
      } catch {
        // The next one is tried.
      }
    }
    return false
  }
  const ours = ({ header, body }: Sample): boolean =>
    verifySignature({ header, body, now, slots, fillers }) !== undefined
  const measured = measure({ ours, inLoop }, { pool, samples, seed })
  const [own, loop] = [compare(measured.ours), compare(measured.inLoop)]
  const needed = samples >= 50_000
  return {
    lines: [
      `Timing of the verifier, ${written(samples)} samples per outcome, longest ${Math.round((1 - keptShare) * 100)} % of all left out: ${describe(own)}`,
      `Timing of the loop over the SDK's constructEvent beside it: ${describe(loop)}`,
      ...(needed ? [] : ['So few samples are not judged.']),
    ],
    breaches: needed
      ? [
          ...own
            .filter(({ t }) => Math.abs(t) >= mostT)
            .map(({ pair, t }) => `The time tells ${pair}: t = ${t.toFixed(1)}.`),
          ...(loop.some(({ t }) => Math.abs(t) > mostT)
            ? []
            : ['The control, a loop that stops early, was not found out.']),
        ]
      : [],
  }
}

/** The same bodies for every outcome: only the signature differs. */
function makePools(secrets: Record<Outcome, string>, seconds: number): Record<Outcome, readonly Sample[]> {
  const all = Array.from({ length: bodies }, () =>
    Buffer.from(
      JSON.stringify({
        id: `evt_${randomBytes(12).toString('hex')}`,
        object: 'event',
        padding: randomBytes(1_500).toString('hex'),
      }),
    ),
  )
  const poolOf = (secret: string): Sample[] =>
    all.map((body) => ({ body, header: `t=${seconds},v1=${sign(secret, seconds, body)}` }))
  return {
    platform: poolOf(secrets.platform),
    connect: poolOf(secrets.connect),
    old: poolOf(secrets.old),
    'no match': poolOf(secrets['no match']),
  }
}

type Verifiers = Readonly<Record<'ours' | 'inLoop', (sample: Sample) => boolean>>
type Measured = Readonly<Record<keyof Verifiers, Record<Outcome, number[]>>>

function measure(
  verifiers: Verifiers,
  about: { pool: Record<Outcome, readonly Sample[]>; samples: number; seed: number },
): Measured {
  const random = drawFrom(about.seed, 7)
  const none = (): Record<Outcome, number[]> => ({ platform: [], connect: [], old: [], 'no match': [] })
  const measured: Measured = { ours: none(), inLoop: none() }
  const warmUp = Math.min(4_000, about.samples)
  const turns = shuffled(
    outcomes.flatMap((outcome) => Array.from({ length: about.samples }, () => outcome)),
    random.below,
  )
  for (let turn = -warmUp; turn < turns.length; turn += 1) {
    const outcome = turns[Math.abs(turn)] ?? 'platform'
    const chosen = random.pick(about.pool[outcome])
    for (const name of ['ours', 'inLoop'] as const) {
      const sample = copyOf(chosen)
      const startedAt = process.hrtime.bigint()
      const isVerified = verifiers[name](sample)
      const nanoseconds = Number(process.hrtime.bigint() - startedAt)
      if (isVerified !== (outcome !== 'no match')) throw new Error(`${name} judged "${outcome}" wrongly.`)
      if (turn >= 0) measured[name][outcome].push(nanoseconds)
    }
  }
  return measured
}

/** Every request brings bytes of its own; a place in memory that is used again would tell more than the secret. */
function copyOf({ header, body }: Sample): Sample {
  return { header: Buffer.from(header, 'latin1').toString('latin1'), body: Buffer.from(body) }
}

function shuffled<Item>(items: Item[], below: (most: number) => number): readonly Item[] {
  for (let place = items.length - 1; place > 0; place -= 1) {
    const other = below(place + 1)
    const item = items[place]!
    items[place] = items[other]!
    items[other] = item
  }
  return items
}

type Comparison = { readonly pair: string; readonly t: number; readonly microseconds: number }

function compare(measured: Record<Outcome, number[]>): readonly Comparison[] {
  const all = Float64Array.from(outcomes.flatMap((outcome) => measured[outcome])).sort()
  const bound = all[Math.floor(all.length * keptShare)] ?? Infinity
  const kept = outcomes.map((outcome) => ({ outcome, ...momentsOf(measured[outcome].filter((one) => one <= bound)) }))
  return kept.flatMap((one, place) =>
    kept.slice(place + 1).map((other) => ({
      pair: `${one.outcome} from ${other.outcome}`,
      t: (one.mean - other.mean) / Math.sqrt(one.variance / one.count + other.variance / other.count),
      microseconds: (one.mean - other.mean) / 1000,
    })),
  )
}

function momentsOf(values: readonly number[]) {
  const count = values.length
  const mean = values.reduce((sum, one) => sum + one, 0) / count
  const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (count - 1)
  return { count, mean, variance }
}

function describe(comparisons: readonly Comparison[]): string {
  const most = Math.max(...comparisons.map(({ t }) => Math.abs(t)))
  const each = comparisons.map(({ pair, t, microseconds }) => `${pair} ${t.toFixed(2)} (${microseconds.toFixed(2)} µs)`)
  return `|t| at most ${most.toFixed(2)}; ${each.join(', ')}`
}
