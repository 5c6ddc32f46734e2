/**
 * The loop that works the inbox (ARC-44): claims objects with due news, operators in turn, reads several at a time, and has them
 * settled. It keeps nothing that matters: whatever it held when it died is claimed again once the lease has ended. What surprises: it
 * takes its turns a moment apart, so that the companions of an event come in and are closed by the same read (PERF-52), and turns follow
 * each other quickly while an operator has more waiting than its share, because what waits there is not fresh.
 */
import type { Reactions } from '#inbox'
import { newId, withoutScope, type Database, type Logs } from '#platform'
import type { Claim } from './event-end.ts'
import { factsOf, readClaim, textOf, type HandlerParts } from './handle.ts'
import { createSettler, type Settler } from './settle-claims.ts'
import { claimObjects, extendLeases, handBack, readOutlook, releaseLeases } from './store.ts'

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

/** How long a silent owner keeps its objects: with the poll, less than ten seconds (STR-119). */
const leaseMs = 8_000
const renewEveryMs = 2_500
const pollMs = 500
const companionsMs = 120
const betweenTurnsMs = 20
const objectsAtOnce = 64
/** A share of the places: 40 for an operator that is alone, 8 where five or more are at it. The rest is for whoever comes (TRU-191). */
const placesToShare = 40
const leastShare = 8
const objectsPerTurn = 8
const pausesMs = [100, 200, 500, 1_000, 2_000, 5_000]
const noOperator = '00000000-0000-0000-0000-000000000000'

type Loop = {
  readonly options: InboxOptions
  readonly settler: Settler
  readonly underWay: Map<Promise<void>, Claim>
  readonly bell: Bell
  lastTurn: string
  isStopping: boolean
}

export function startInbox(options: InboxOptions): Inbox {
  const loop: Loop = {
    options,
    settler: createSettler(options),
    underWay: new Map(),
    bell: makeBell(),
    lastTurn: noOperator,
    isStopping: false,
  }
  const running = run(loop)
  const renewing = setInterval(() => void renew(loop), renewEveryMs)
  return {
    wake: () => loop.bell.ring(),
    outlook: () => withoutScope(options.database, (rows) => readOutlook(rows, options.database.clock.now())),
    async stop() {
      loop.isStopping = true
      loop.bell.ring()
      await running
      await finishOrHandBack(loop)
      clearInterval(renewing)
    },
  }
}

async function run(loop: Loop): Promise<void> {
  const { options, bell } = loop
  let isReleased = !options.isOnlyProcess
  for (let faults = 0; !loop.isStopping;) {
    try {
      if (!isReleased) await withoutScope(options.database, (rows) => releaseLeases(rows, options.database.clock.now()))
      isReleased = true
      const turn = await beginSome(loop)
      faults = 0
      if (turn.begun === 0) await bell.heard(pollMs)
      const pauseMs = turn.isBehind ? betweenTurnsMs : companionsMs
      if (!loop.isStopping) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    } catch (error) {
      // The database is away or refuses. Nothing is lost by waiting, and a process that gave up here would be of no use.
      options.logs.error({ error: textOf(error) }, 'the inbox cannot be read, it will be tried again')
      await bell.heard(pausesMs[Math.min(faults, pausesMs.length - 1)] ?? pollMs)
      faults += 1
    }
  }
}

type Turn = {
  /** How many objects were begun. */
  readonly begun: number
  /** Whether an operator waits for its own share, while there is room for others. */
  readonly isBehind: boolean
}

async function beginSome(loop: Loop): Promise<Turn> {
  const { options, underWay, bell } = loop
  const most = objectsAtOnce - underWay.size
  if (most === 0) return { begun: 0, isBehind: false }
  const now = options.database.clock.now()
  const busy = busyOperators(underWay.values())
  const wish = {
    now,
    leaseUntil: new Date(now.getTime() + leaseMs),
    claim: newId(options.database.clock),
    most,
    mostPerOperator: objectsPerTurn,
    busyOperators: busy,
    after: loop.lastTurn,
  }
  const claims = await withoutScope(options.database, (rows) => claimObjects(rows, wish))
  loop.lastTurn = claims.reduce((last, { scope }) => (scope.operatorId > last ? scope.operatorId : last), noOperator)
  for (const claim of claims) {
    const work = handle(loop, claim).finally(() => {
      underWay.delete(work)
      bell.ring()
    })
    underWay.set(work, claim)
  }
  if (claims.length === 0 && wish.after !== noOperator) return beginSome(loop)
  const isBehind = busy.length > 0 || [...countByOperator(claims).values()].some((count) => count >= objectsPerTurn)
  return { begun: claims.length, isBehind }
}

async function handle({ options, settler }: Loop, claim: Claim): Promise<void> {
  try {
    await settler.settle(await readClaim(options, claim))
  } catch (error) {
    options.logs.error({ ...factsOf(claim), error: String(error) }, 'the end of an inbox event could not be written')
  }
}

/** Operators whose share is under way, so that another turn would go beyond it. */
function busyOperators(claims: Iterable<Claim>): readonly string[] {
  const counts = countByOperator(claims)
  const enough = Math.max(leastShare, Math.floor(placesToShare / Math.max(1, counts.size)) - objectsPerTurn + 1)
  return [...counts].filter(([, count]) => count >= enough).map(([operatorId]) => operatorId)
}

function countByOperator(claims: Iterable<Claim>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { scope } of claims) counts.set(scope.operatorId, (counts.get(scope.operatorId) ?? 0) + 1)
  return counts
}

async function renew({ options, underWay }: Loop): Promise<void> {
  if (underWay.size === 0) return
  const claims = [...new Set([...underWay.values()].map(({ claim }) => claim))]
  const lease = { claims, until: new Date(options.database.clock.now().getTime() + leaseMs) }
  try {
    await withoutScope(options.database, (rows) => extendLeases(rows, lease))
  } catch (error) {
    options.logs.warn({ error: String(error) }, 'leases were not renewed')
  }
}

async function finishOrHandBack({ options, underWay }: Loop): Promise<void> {
  const { database, logs, finishWithinMs = 5_000 } = options
  let giveUp: NodeJS.Timeout | undefined
  const tooLate = new Promise<void>((resolve) => (giveUp = setTimeout(resolve, finishWithinMs)))
  await Promise.race([Promise.allSettled(underWay.keys()), tooLate])
  clearTimeout(giveUp)
  const claims = [...underWay.values()]
  if (claims.length === 0) return
  await withoutScope(database, (rows) => handBack(rows, { claims, now: database.clock.now() }))
  for (const claim of claims) logs.info(factsOf(claim), 'an inbox object was handed back')
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
