/**
 * Group commit (PERF-42, TRU-190): verified news wait in one bounded line, one flush is under way at a time, and the next takes all
 * that has gathered meanwhile. No timer: the first flushes at once, with those that came at the same moment, and load makes the batches.
 * Nobody is answered before the commit that carries them.
 */
import { keepEvents, type KeepOutcome, type NewEvent } from '#inbox'
import type { Database } from '#platform'

export type KeepQueue = {
  /** False when nothing more may wait: Stripe is then to send it again. */
  hasRoomFor(bytes: number): boolean
  /** Durable when it resolves. @returns whether it was new. @throws when it could not be kept. */
  keep(event: NewEvent): Promise<boolean>
}

const mostWaiting = 2_000
const mostWaitingBytes = 16 * 1024 * 1024
/** So that the database works on the first of many that came at one moment while the others are still being read. */
const enoughToBegin = 16
const mostTogether = 500
const mostTogetherBytes = 4 * 1024 * 1024

type Waiting = {
  readonly event: NewEvent
  readonly resolve: (isNew: boolean) => void
  readonly reject: (error: unknown) => void
}

export function createKeepQueue(database: Database): KeepQueue {
  let line: Waiting[] = []
  let held = { count: 0, bytes: 0 }
  let [isFlushing, isFlushPlanned] = [false, false]

  const flush = async () => {
    if (isFlushing) return
    isFlushing = true
    while (line.length > 0) {
      const batch = takeBatch(line)
      line = line.slice(batch.length)
      await keepAll(database, batch)
      held = { count: held.count - batch.length, bytes: held.bytes - bytesOf(batch) }
    }
    isFlushing = false
  }
  return {
    hasRoomFor: (bytes) => held.count < mostWaiting && held.bytes + bytes <= mostWaitingBytes,
    keep: (event) =>
      new Promise((resolve, reject) => {
        line.push({ event, resolve, reject })
        held = { count: held.count + 1, bytes: held.bytes + event.body.byteLength }
        if (isFlushing) return
        if (line.length >= enoughToBegin) return void flush()
        if (isFlushPlanned) return
        isFlushPlanned = true
        setImmediate(() => {
          isFlushPlanned = false
          void flush()
        })
      }),
  }
}

function takeBatch(line: readonly Waiting[]): readonly Waiting[] {
  let bytes = 0
  const full = line.findIndex(({ event }, place) => {
    bytes += event.body.byteLength
    return place === mostTogether || (place > 0 && bytes > mostTogetherBytes)
  })
  return full === -1 ? line : line.slice(0, full)
}

function bytesOf(batch: readonly Waiting[]): number {
  return batch.reduce((bytes, { event }) => bytes + event.body.byteLength, 0)
}

async function keepAll(database: Database, batch: readonly Waiting[]): Promise<void> {
  const events = batch.map(({ event }) => event)
  const outcomes = await keepEvents(database, events).catch((error: unknown): KeepOutcome[] =>
    batch.map(() => ({ error })),
  )
  batch.forEach(({ resolve, reject }, place) => {
    const outcome = outcomes[place]
    if (!outcome || 'error' in outcome) reject(outcome?.error)
    else resolve(outcome.isNew)
  })
}
