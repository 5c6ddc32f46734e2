/**
 * The loop that works the inbox (ARC-44): claims objects with due news, operators in turn, and handles several at a time. It keeps
 * nothing that matters: whatever it held when it died is claimed again once the lease has ended.
 */
import { withoutScope, type Database, type Logs } from '#platform'
import { handleClaim, leaseMs, type HandlerParts, type Held } from './handle.ts'
import type { Claim } from './event-end.ts'
import type { Reactions } from './routes.ts'
import { claimObjects, handBack, readOutlook, releaseLeases } from './store.ts'

export type Inbox = {
  /** There may be news: look now instead of at the next poll. */
  wake(): void
  /** Whether anything is under way, and when the next of what waits is due. */
  outlook(): Promise<{ readonly isBusy: boolean; readonly earliestAt: Date | undefined }>
  /** Claims nothing more, lets what is under way finish, and hands back the rest. */
  stop(): Promise<void>
}

export type InboxOptions = HandlerParts & {
  readonly database: Database
  readonly reactions: Reactions
  readonly logs: Logs
  /** True where no other process can work this inbox, as on the embedded database: then leases left by a dead one end at once. */
  readonly isOnlyProcess: boolean
  readonly finishWithinMs?: number
}

const pollMs = 500
const objectsAtOnce = 32
const objectsPerOperator = 8
const pausesMs = [100, 200, 500, 1_000, 2_000, 5_000]

type Loop = {
  readonly options: InboxOptions
  readonly underWay: Map<Promise<void>, Held>
  readonly bell: Bell
  isStopping: boolean
}

export function startInbox(options: InboxOptions): Inbox {
  const loop: Loop = { options, underWay: new Map(), bell: makeBell(), isStopping: false }
  const running = run(loop)
  return {
    wake: () => loop.bell.ring(),
    outlook: () => withoutScope(options.database, (rows) => readOutlook(rows, options.database.clock.now())),
    async stop() {
      loop.isStopping = true
      loop.bell.ring()
      await running
      await finishOrHandBack(loop)
    },
  }
}

async function run(loop: Loop): Promise<void> {
  let isReleased = !loop.options.isOnlyProcess
  for (let faults = 0; !loop.isStopping;) {
    try {
      if (!isReleased)
        await withoutScope(loop.options.database, (rows) => releaseLeases(rows, loop.options.database.clock.now()))
      isReleased = true
      const begun = await beginSome(loop)
      faults = 0
      if (begun === 0) await loop.bell.heard(pollMs)
    } catch (error) {
      // The database is away or refuses. Nothing is lost by waiting, and a process that gave up here would be of no use.
      loop.options.logs.error(
        { error: error instanceof Error ? error.stack : String(error) },
        'the inbox cannot be read, it will be tried again',
      )
      await loop.bell.heard(pausesMs[Math.min(faults, pausesMs.length - 1)] ?? pollMs)
      faults += 1
    }
  }
}

/** @returns how many objects were begun. */
async function beginSome(loop: Loop): Promise<number> {
  const { options, underWay, bell } = loop
  const most = objectsAtOnce - underWay.size
  if (most === 0) return 0
  const now = options.database.clock.now()
  const leaseUntil = new Date(now.getTime() + leaseMs)
  const wish = {
    now,
    leaseUntil,
    most,
    mostPerOperator: objectsPerOperator,
    busyOperators: busyOperators(underWay.values()),
  }
  const claims = await withoutScope(options.database, (rows) => claimObjects(rows, wish))
  for (const claim of claims) {
    const held: Held = { claim, until: leaseUntil }
    const work = handleClaim(options, held)
      .catch((error: unknown) =>
        options.logs.error(
          { ...about(claim), error: String(error) },
          'an inbox event could not be ended, its lease will lapse',
        ),
      )
      .finally(() => {
        underWay.delete(work)
        bell.ring()
      })
    underWay.set(work, held)
  }
  return claims.length
}

function busyOperators(held: Iterable<Held>): readonly string[] {
  const counts = new Map<string, number>()
  for (const { claim } of held) counts.set(claim.scope.operatorId, (counts.get(claim.scope.operatorId) ?? 0) + 1)
  return [...counts].filter(([, count]) => count >= objectsPerOperator).map(([operatorId]) => operatorId)
}

async function finishOrHandBack({ options, underWay }: Loop): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<void>((resolve) => (timer = setTimeout(resolve, options.finishWithinMs ?? 15_000)))
  await Promise.race([Promise.all(underWay.keys()), timeUp])
  clearTimeout(timer)
  for (const { claim, until } of underWay.values()) {
    await withoutScope(options.database, (rows) =>
      handBack(rows, claim, { held: until, now: options.database.clock.now() }),
    )
    options.logs.info(about(claim), 'an inbox object was handed back')
  }
}

function about({ scope, objectId }: Claim) {
  return { operatorId: scope.operatorId, mode: scope.mode, objectId }
}

type Bell = { ring(): void; heard(withinMs: number): Promise<void> }

/** A ring while nobody listens is remembered once, so that no news waits for the next poll. */
function makeBell(): Bell {
  let hasRung = false
  let listener: (() => void) | undefined
  return {
    ring() {
      hasRung = true
      listener?.()
    },
    async heard(withinMs) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, withinMs)
          listener = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      listener = undefined
      hasRung = false
    },
  }
}
