/**
 * G6, webhook input (TRU-6, TRU-111, TRU-123, STR-146): a running product is sent hostile requests over loopback HTTP, with genuine
 * deliveries between them. None of the first may be accepted, all of the second must be; no answer from 500 up, no exit, memory
 * that ends where it stood, and an answer within 50 ms for 99 of 100. Then slow senders, then what the time of an answer tells.
 */
import { sharedPath, chunkedRequestOf, headerOf, makeGood, requestOf, type Good, type Target } from './good.ts'
import { makeHostile } from './hostile.ts'
import { written, type ProofOptions, type ProofReport } from './options.ts'
import { startProductProcess, type ProductProcess } from './product-process.ts'
import { drawFrom, type Random } from './random.ts'
import { proveSlowSenders } from './slow-senders.ts'
import { proveTiming } from './timing.ts'
import { openWire, type Answer, type Sending, type Wire } from './wire.ts'

const wires = 8
const genuineShare = 0.03
const slowestMs = 50
const mostGrowthMb = 128

export type Tally = {
  hostile: number
  genuine: number
  replayed: number
  unanswered: number
  readonly byKind: Map<string, Map<string, number>>
  readonly milliseconds: number[]
  readonly genuineMilliseconds: number[]
  readonly accepted: Set<string>
  readonly breaches: string[]
}

export async function proveWebhookInput({ n = 1_000_000, ...options }: ProofOptions): Promise<ProofReport> {
  const product = await startProductProcess()
  try {
    const now = (): number => Math.floor(Date.now() / 1000)
    const target = { ownPath: product.ownPath, secrets: product.secrets, now, run: now().toString(36) }
    const { seed } = options
    const input = await proveFlood(product, target, { ...options, n })
    const slow = await proveSlowSenders(product.port, target)
    const timing = proveTiming({ samples: Math.min(100_000, Math.max(2_000, n / 10)), seed })
    const left = product.exit()
    return {
      lines: [`The product runs on ${product.database}`, ...input.lines, ...slow.lines, ...timing.lines],
      breaches: [
        ...input.breaches,
        ...slow.breaches,
        ...timing.breaches,
        ...(left === undefined ? [] : [`The product ended by itself: ${left}`]),
      ],
    }
  } finally {
    await product.stop()
  }
}

async function proveFlood(
  product: ProductProcess,
  target: Target,
  { n, seed, isBusy, tell }: ProofOptions & { readonly n: number },
): Promise<ProofReport> {
  const memory: number[] = []
  const watch = setInterval(() => product.exit() === undefined && memory.push(product.residentMb()), 500)
  const startedAt = performance.now()
  const tally = await flood({ port: product.port, target, n, seed, tell })
  clearInterval(watch)
  const rate = (tally.hostile + tally.genuine) / ((performance.now() - startedAt) / 1000)
  const kept = await product.keptEvents()
  const p99 = quantile(tally.milliseconds, 0.99)
  // Shorter runs end while the product still warms up.
  const isLong = memory.length >= 60
  const growth =
    medianOf(memory.slice(-memory.length / 4)) - medianOf(memory.slice(memory.length / 4, memory.length / 2))
  return {
    lines: [
      `${written(tally.hostile)} hostile requests, ${written(tally.genuine)} genuine deliveries between them (${written(tally.replayed)} of them sent twice), ${written(rate)}/s over ${wires} connections`,
      ...[...tally.byKind].map(
        ([name, statuses]) =>
          `  ${name}: ${[...statuses].map(([what, count]) => `${what} × ${written(count)}`).join(', ')}`,
      ),
      `Kept: ${kept ? `${written(kept.length)} rows for ${written(tally.accepted.size)} different genuine events` : 'not looked at'}`,
      `Answered within: median ${quantile(tally.milliseconds, 0.5).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, slowest ${quantile(tally.milliseconds, 1).toFixed(0)} ms${isBusy ? ' (a busy machine: not judged)' : ''}; genuine p99 ${quantile(tally.genuineMilliseconds, 0.99).toFixed(2)} ms`,
      `Memory of the product: ${memory[0]} MB at first, ${Math.max(...memory)} MB at most, ${memory.at(-1)} MB at last`,
    ],
    breaches: [
      ...tally.breaches,
      ...compareKept(tally.accepted, kept),
      ...(p99 < slowestMs || isBusy
        ? []
        : [`One answer in a hundred took longer than ${p99.toFixed(1)} ms; ${slowestMs} ms are allowed.`]),
      ...(!isLong || growth <= mostGrowthMb
        ? []
        : [`Memory grew by ${growth} MB between the second and the last quarter.`]),
    ],
  }
}

/** The inbox holds what was genuinely signed, all of it and nothing else. */
function compareKept(accepted: ReadonlySet<string>, kept: readonly string[] | undefined): readonly string[] {
  if (!kept) return []
  const held = new Set(kept)
  // One body nobody can read may come by several endpoints, and is then several dead letters.
  const readable = kept.filter((id) => !id.startsWith('evt_unreadable_'))
  const twice = readable.length - new Set(readable).size
  const strange = kept.filter((id) => !accepted.has(id))
  const lost = [...accepted].filter((id) => !held.has(id))
  return [
    ...(twice === 0 ? [] : [`${twice} events are kept twice.`]),
    ...strange.slice(0, 5).map((id) => `The inbox holds ${id}, which nobody signed.`),
    ...lost.slice(0, 5).map((id) => `${id} was acknowledged and is not in the inbox.`),
  ]
}

type Flood = {
  readonly port: number
  /** Where to, and by whose secrets. */
  readonly target: Target
  readonly n: number
  readonly seed: number
  readonly tell?: ProofOptions['tell']
}

/** Sends `n` hostile requests with genuine ones between them. */
export async function flood(about: Flood): Promise<Tally> {
  const { port, target, n, seed } = about
  const tally: Tally = {
    hostile: 0,
    genuine: 0,
    replayed: 0,
    unanswered: 0,
    byKind: new Map(),
    milliseconds: [],
    genuineMilliseconds: [],
    accepted: new Set(),
    breaches: [],
  }
  let place = 0
  const work = async (): Promise<void> => {
    const wire = openWire(port)
    while (place < n) {
      const random = drawFrom(seed, (place += 1))
      if (place % 50_000 === 0)
        about.tell?.(`${written(place)} of ${written(n)} sent, ${tally.breaches.length} breaches`)
      await sendOne(wire, tally, { random, target, place, seed })
    }
    wire.close()
  }
  await Promise.all(Array.from({ length: wires }, work))
  return tally
}

type Turn = { readonly random: Random; readonly target: Target; readonly place: number; readonly seed: number }

async function sendOne(wire: Wire, tally: Tally, { random, target, place, seed }: Turn): Promise<void> {
  const good = makeGood(target, random, place)
  if (random.isHit(genuineShare)) {
    await sendGenuine(wire, tally, { good, random })
    if (random.isHit(0.2)) {
      tally.replayed += 1
      await sendGenuine(wire, tally, { good, random })
    }
  }
  const { name, ...sending } = makeHostile({ good, target, random })
  const answer = await wire.send(sending)
  tally.hostile += 1
  note(tally, { name, sending, answer })
  const wrong = judgeAnswer(name, answer)
  if (wrong)
    tally.breaches.push(
      `Case ${place} of seed ${seed}, ${name}: ${wrong}\n${Buffer.from(sending.bytes).toString('latin1').slice(0, 600)}`,
    )
}

/** After 600 wrong signatures within a minute the refusal is 429 in place of 400 (TRU-112): a refusal like the others. */
function judgeAnswer(name: string, { statuses, texts, ms }: Answer): string | undefined {
  if (statuses.some((status) => status >= 500)) return `answered ${statuses.join(', ')}`
  if (statuses.some((status) => status < 400) || texts.includes('ok')) return `was accepted: ${statuses.join(', ')}`
  // One that stops in the middle may be left without an answer; it must only not be waited for.
  return statuses.length === 0 && ms > 12_000
    ? `was neither answered nor cut off within ${ms.toFixed(0)} ms`
    : undefined
}

function note(tally: Tally, { name, sending, answer }: { name: string; sending: Sending; answer: Answer }): void {
  const known = tally.byKind.get(name) ?? new Map<string, number>()
  tally.byKind.set(name, known)
  const outcome = answer.statuses.length === 0 ? 'cut off' : [...new Set(answer.statuses)].join(' then ')
  known.set(outcome, (known.get(outcome) ?? 0) + 1)
  if (!sending.isLast && answer.statuses.length > 0) tally.milliseconds.push(answer.ms)
}

async function sendGenuine(wire: Wire, tally: Tally, { good, random }: { good: Good; random: Random }): Promise<void> {
  const answer = await wire.send({ bytes: genuineRequest(good, random) })
  tally.genuine += 1
  tally.milliseconds.push(answer.ms)
  tally.genuineMilliseconds.push(answer.ms)
  tally.accepted.add(good.eventId)
  if (answer.statuses[0] === 200 && answer.texts[0] === 'ok') return
  tally.breaches.push(
    `The genuine ${good.eventId} at ${good.path === sharedPath ? 'the shared' : 'its own'} address was answered ${answer.statuses.join(', ') || 'nothing'}.`,
  )
}

function genuineRequest(good: Good, random: Random): Buffer {
  const headers = [`Stripe-Signature: ${headerOf(good, random)}`, 'Content-Type: application/json; charset=utf-8']
  if (random.isHit(0.9))
    return requestOf(good.path, random.isHit(0.1) ? [...headers, 'Content-Encoding: identity'] : headers, good.body)
  const at = random.below(good.body.length)
  return chunkedRequestOf(good.path, headers, [good.body.subarray(0, at), good.body.subarray(at)])
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function medianOf(values: readonly number[]): number {
  return quantile(values, 0.5)
}
