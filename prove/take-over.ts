/**
 * How long what a killed worker had in hand lay there: from its death until the first and the last of its objects were finished by
 * another (STR-119). An object is finished when its row is gone or nobody holds it any more. Where the one that took it up was killed
 * with it, its time is counted anew from there.
 */
import type pg from 'pg'
import type { ProofReport } from './options.ts'

export type TakeOver = {
  readonly killedAt: number
  readonly held: number
  firstAt?: number
  lastAt?: number
  /** How many objects died with somebody else as well. */
  handedOn: number
}

type Watch = TakeOver & { readonly open: Map<string, string> }

export type TakeOvers = {
  readonly seen: readonly TakeOver[]
  /** Resolves as soon as a living worker has something in hand, or when the time is over. */
  untilHeld(withinMs: number): Promise<void>
  /** To be called at once, before another worker can hold anything. */
  note(killedAt: number): Promise<void>
  /** Resolves when nothing that a dead worker held is left, or when the time is over. */
  untilFinished(withinMs: number): Promise<void>
  stop(): Promise<void>
}

const lookEveryMs = 150
const limitMs = 10_000

export function watchTakeOvers(client: pg.Client): TakeOvers {
  const seen: Watch[] = []
  const read = async (): Promise<ReadonlyMap<string, string>> => {
    const { rows } = await client.query<{ key: string; claim: string }>(
      `select object_kind || ' ' || object_id as key, claim from app.inbox_objects where claim is not null`,
    )
    return new Map(rows.map(({ key, claim }) => [key, claim]))
  }
  const watching = { isOver: false }
  const looking = (async () => {
    while (!watching.isOver) {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
      if (seen.some(({ open }) => open.size > 0)) look(seen, await read())
    }
  })()
  return {
    seen,
    async untilHeld(withinMs) {
      for (const giveUpAt = performance.now() + withinMs; performance.now() < giveUpAt;) {
        const ofTheDead = new Set(seen.flatMap(({ open }) => [...open.values()]))
        if ([...(await read()).values()].some((claim) => !ofTheDead.has(claim))) return
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    async note(killedAt) {
      const open = new Map(await read())
      for (const earlier of seen)
        for (const [key, claim] of earlier.open) {
          const now = open.get(key)
          // Nobody has taken it up yet, so this one did not hold it.
          if (now === claim) open.delete(key)
          else if (now !== undefined) {
            earlier.open.delete(key)
            earlier.handedOn += 1
          }
        }
      seen.push({ killedAt, held: open.size, handedOn: 0, open })
    },
    async untilFinished(withinMs) {
      const giveUpAt = performance.now() + withinMs
      while (seen.some(({ open }) => open.size > 0) && performance.now() < giveUpAt)
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    },
    async stop() {
      watching.isOver = true
      await looking
    },
  }
}

function look(seen: readonly Watch[], held: ReadonlyMap<string, string>): void {
  const now = performance.now()
  for (const watch of seen)
    for (const key of watch.open.keys()) {
      if (held.has(key)) continue
      watch.open.delete(key)
      watch.firstAt ??= now
      watch.lastAt = now
    }
}

/**
 * @param about.inStorm how many of the first died while others did: what they left waits behind other news, and its worker dies again, so
 * that only the rest are held to ten seconds.
 */
export function judgeTakeOvers(
  seen: readonly TakeOver[],
  { inStorm, isBusy }: { inStorm: number; isBusy: boolean },
): ProofReport {
  const [storm, calm] = [seen.slice(0, inStorm), seen.slice(inStorm)]
  const late = isBusy ? [] : firstSeconds(calm).filter((seconds) => seconds > limitMs / 1000)
  const never = seen.filter(({ held, lastAt, handedOn }) => held > 0 && lastAt === undefined && handedOn === 0)
  return {
    lines: [`Take-over in the storm: ${describe(storm)}`, `Take-over one by one: ${describe(calm)}`],
    breaches: [
      ...late.map((seconds) => `A take-over took ${seconds.toFixed(1)} s`),
      ...never.map(({ held }) => `${held} objects a killed worker held were never finished`),
    ],
  }
}

function describe(seen: readonly TakeOver[]): string {
  const holding = seen.filter(({ held }) => held > 0)
  const sum = (of: (one: TakeOver) => number): number => holding.reduce((total, one) => total + of(one), 0)
  const seconds = firstSeconds(holding)
  const [median = 0, most = 0] = [seconds[seconds.length >> 1], seconds.at(-1)]
  const last = Math.max(0, ...holding.map(({ killedAt, lastAt = killedAt }) => (lastAt - killedAt) / 1000))
  return `${holding.length} of ${seen.length} killed workers held ${sum(({ held }) => held)} objects (${sum(({ handedOn }) => handedOn)} died with the next one again); the first of each was finished ${median.toFixed(1)} s (median), ${most.toFixed(1)} s (most) after the death, the last ${last.toFixed(1)} s (most)`
}

/** From each death to its first object finished, shortest first. */
function firstSeconds(seen: readonly TakeOver[]): readonly number[] {
  return seen
    .flatMap(({ killedAt, firstAt }) => (firstAt === undefined ? [] : [(firstAt - killedAt) / 1000]))
    .toSorted((a, b) => a - b)
}
