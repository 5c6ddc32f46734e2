/**
 * Live updates as server-sent events (UI-26). Messages carry ids only; the page asks the API again, so rights are checked on the usual
 * path. The session is looked at again before each message and with each heartbeat, so a stream tells nothing after it has ended
 * (TRU-76); a client that does not read is let go. One reader of new facts per operator and mode asks the database and tells all its
 * listeners; none runs while nobody listens. What surprises: rows become visible in the order of their commits, not of their ids, so
 * each reading looks ten seconds back and leaves out what it has told already.
 */
import { idPrefixes, isUuid, publicId, type IdKind, type Scope } from '#kernel'
import { findVisit } from '#operators'
import { inScope, listFactsSince, type Clock, type Database, type Fact, type Logs } from '#platform'
import { createRoute, z } from '@hono/zod-openapi'
import { publicApp, type ApiContext } from './context.ts'
import { apiRefusal } from './problems.ts'
import { assertRole, enter, getVisit } from './context.ts'

const heartbeatMs = 15_000
const replayMs = 10 * 60_000
/** A new page may have read its data a moment before it began to listen. */
const overlapMs = 3_000
const mostStreams = 1_000
const mostWaiting = 1_000

const streamRoute = createRoute({
  method: 'get',
  path: '/stream',
  'x-permission': 'signed_in',
  request: {
    query: z.strictObject({ operator: z.string(), mode: z.enum(['test', 'live'], 'Choose test or live.') }),
  },
  responses: {
    200: {
      content: { 'text/event-stream': { schema: z.string() } },
      description: 'Messages `changed` with object and id, and `resync`.',
    },
  },
})

export function streamRoutes(context: ApiContext) {
  const facts = createLiveFacts(context)
  const open = new Set<() => void>()
  context.drain.onMark(() => {
    for (const close of open) close()
    facts.stop()
  })
  return publicApp().openapi(streamRoute, async (c) => {
    if (open.size >= mostStreams || context.drain.isDraining()) throw apiRefusal('busy')
    const { operator: slug, mode } = c.req.valid('query')
    const { operator, role } = await enter(context.people, getVisit(c), slug)
    assertRole(role, 'dashboard.view')
    const scope = { operatorId: operator.id, mode }
    const missed = await findMissed(context, scope, c.req.header('Last-Event-ID'))
    const isStillWelcome = async () => (await findVisit(context.people, c.req.raw.headers, 'unattended')) !== undefined
    const body = eventStream({
      facts,
      scope,
      missed,
      isStillWelcome,
      open,
      onCount: () => context.metrics.setStreams(open.size),
    })
    return c.body(body, 200, {
      'Content-Type': 'text/event-stream',
      'X-Accel-Buffering': 'no',
      'Cache-Control': 'no-store',
    })
  })
}

/** What a page has to be told at once, and the facts it knows already or is told with that. */
type Missed = { readonly news: readonly LiveNews[]; readonly known: ReadonlySet<string> }

async function findMissed({ database, clock }: ApiContext, scope: Scope, lastId: string | undefined): Promise<Missed> {
  const now = clock.now().getTime()
  const lastAt = lastId === undefined ? now - overlapMs : instantOfText(lastId)
  const recent = now - lastAt > replayMs ? undefined : await listRecent({ database, scope }, lastAt)
  if (!recent) return { news: ['resync'], known: new Set() }
  const isMissed = ({ factId }: { readonly factId: string }) =>
    lastId === undefined ? instantOf(factId) >= lastAt : factId !== lastId
  return { news: recent.filter(isMissed), known: new Set(recent.map(({ factId }) => factId)) }
}

/** An id that is none counts as very old. */
function instantOfText(id: string): number {
  return isUuid(id) ? instantOf(id) : 0
}

type Stream = {
  readonly facts: LiveFacts
  readonly scope: Scope
  readonly missed: Missed
  readonly isStillWelcome: () => Promise<boolean>
  readonly open: Set<() => void>
  readonly onCount: () => void
}

function eventStream({ facts, scope, missed, isStillWelcome, open, onCount }: Stream): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let release = () => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => {
          if ((controller.desiredSize ?? 0) <= 0) return close()
          controller.enqueue(encoder.encode(text))
        }
        const ifWelcome = async (act: () => void) => {
          const isWelcome = await isStillWelcome().catch(() => false)
          if (open.has(close)) (isWelcome ? act : close)()
        }
        const beat = setInterval(() => void ifWelcome(() => write(': still here\n\n')), heartbeatMs)
        const texts: string[] = []
        const stopListening = facts.listen(scope, (news) => {
          if (news !== 'resync' && missed.known.has(news.factId)) return
          // What comes while the session is looked at goes out with it, in order.
          if (texts.push(eventText(news)) === 1) void ifWelcome(() => write(texts.splice(0).join('')))
        })
        const close = () => {
          if (!open.has(close)) return
          release()
          controller.close()
        }
        release = () => {
          clearInterval(beat)
          stopListening()
          open.delete(close)
          onCount()
        }
        open.add(close)
        onCount()
        write('retry: 2000\n\n')
        for (const news of missed.news) write(eventText(news))
      },
      cancel: () => release(),
    },
    { highWaterMark: mostWaiting },
  )
}

function eventText(news: LiveNews): string {
  if (news === 'resync') return 'event: resync\ndata: {}\n\n'
  return news.changes
    .map((change) => `id: ${news.factId}\nevent: changed\ndata: ${JSON.stringify(change)}\n\n`)
    .join('')
}

const readEveryMs = 400
const lookBackMs = 10_000
const mostFacts = 500

type Change = { readonly object: string; readonly id: string }
/** `resync` means too much happened to tell it one by one: read again what is shown. */
type News = { readonly factId: string; readonly changes: readonly Change[] }
type LiveNews = News | 'resync'
type Listener = (news: LiveNews) => void

type LiveFacts = {
  /** @returns how to stop listening. */
  listen(scope: Scope, listener: Listener): () => void
  stop(): void
}

type Reader = { readonly listeners: Set<Listener>; stop(): void }

function createLiveFacts({ database, clock, logs }: { database: Database; clock: Clock; logs: Logs }): LiveFacts {
  const readers = new Map<string, Reader>()
  return {
    listen(scope, listener) {
      const key = `${scope.operatorId} ${scope.mode}`
      const reader = readers.get(key) ?? startReader({ database, clock, logs, scope })
      readers.set(key, reader)
      reader.listeners.add(listener)
      return () => {
        reader.listeners.delete(listener)
        if (reader.listeners.size > 0 || readers.get(key) !== reader) return
        readers.delete(key)
        reader.stop()
      }
    },
    stop() {
      for (const reader of readers.values()) reader.stop()
      readers.clear()
    },
  }
}

type Ground = { readonly database: Database; readonly clock: Clock; readonly logs: Logs; readonly scope: Scope }

function startReader(ground: Ground): Reader {
  const listeners = new Set<Listener>()
  const memory: Memory = { told: new Set(), since: ground.clock.now() }
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const turn = async () => {
    try {
      for (const news of await readNews(ground, memory)) for (const listener of listeners) listener(news)
    } catch (error) {
      ground.logs.warn(
        { ...ground.scope, error: String(error) },
        'live updates could not be read, they will be tried again',
      )
    }
    if (!isStopped) timer = setTimeout(() => void turn(), readEveryMs)
  }
  timer = setTimeout(() => void turn(), 0)
  return {
    listeners,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

/** What was told, and when the reading before this one began. */
type Memory = { told: ReadonlySet<string>; since: Date }

async function readNews({ database, clock, scope }: Ground, memory: Memory): Promise<LiveNews[]> {
  const startedAt = clock.now()
  const since = new Date(memory.since.getTime() - lookBackMs)
  const facts = await inScope(database, scope, (rows) => listFactsSince(rows, since, mostFacts))
  const fresh = facts.filter(({ id }) => !memory.told.has(id))
  memory.told = new Set(facts.map(({ id }) => id))
  memory.since = startedAt
  return facts.length >= mostFacts && fresh.length > 0 ? ['resync'] : fresh.map(toNews)
}

/** What was recorded since an instant and a little before it, oldest first; undefined when that is too much to tell one by one. */
async function listRecent(
  { database, scope }: { readonly database: Database; readonly scope: Scope },
  since: number,
): Promise<readonly News[] | undefined> {
  const facts = await inScope(database, scope, (rows) => listFactsSince(rows, new Date(since - lookBackMs), mostFacts))
  return facts.length >= mostFacts ? undefined : facts.map(toNews)
}

/** The milliseconds that a uuid v7 begins with. */
function instantOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
}

function toNews(fact: Fact): News {
  const changes = Object.entries(fact.ids).flatMap(([kind, id]) =>
    isKind(kind) && isUuid(id) ? [{ object: kind, id: publicId(kind, id) }] : [],
  )
  return { factId: fact.id, changes }
}

function isKind(name: string): name is IdKind {
  return Object.hasOwn(idPrefixes, name)
}
