/**
 * New facts of an operator for the pages that are open (UI-26). One reader per operator and mode asks the database twice a second and
 * tells all its listeners; none runs while nobody listens. What surprises: rows become visible in the order of their commits, not of
 * their ids, so each reading looks ten seconds back and leaves out what it has told already.
 */
import { idPrefixes, isUuid, publicId, type IdKind, type Scope } from '#kernel'
import { inScope, listFactsSince, type Clock, type Database, type Fact, type Logs } from '#platform'

const readEveryMs = 400
const lookBackMs = 10_000
const mostFacts = 500

export type Change = { readonly object: string; readonly id: string }
/** `resync` means too much happened to tell it one by one: read again what is shown. */
export type News = { readonly factId: string; readonly changes: readonly Change[] }
export type LiveNews = News | 'resync'
type Listener = (news: LiveNews) => void

export type LiveFacts = {
  /** @returns how to stop listening. */
  listen(scope: Scope, listener: Listener): () => void
  stop(): void
}

type Reader = { readonly listeners: Set<Listener>; stop(): void }

export function createLiveFacts({
  database,
  clock,
  logs,
}: {
  database: Database
  clock: Clock
  logs: Logs
}): LiveFacts {
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
export async function listRecent(
  { database, scope }: { readonly database: Database; readonly scope: Scope },
  since: number,
): Promise<readonly News[] | undefined> {
  const facts = await inScope(database, scope, (rows) => listFactsSince(rows, new Date(since - lookBackMs), mostFacts))
  return facts.length >= mostFacts ? undefined : facts.map(toNews)
}

/** The milliseconds that a uuid v7 begins with. */
export function instantOf(id: string): number {
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
