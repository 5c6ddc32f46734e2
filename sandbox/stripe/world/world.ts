/**
 * The sandbox's whole state. Changes happen only inside `transaction`, which runs to its end without waiting for anything:
 * either all rows of a call are written, to memory and journal, before its answer leaves, or none. Two surprises: a
 * refusal may keep its effects (a declined card leaves a failed charge behind), and while due timers are worked off the
 * time is the timer's instant, so that a clock turned by a month leaves the same traces as a month that passed.
 */
import { randomBytes } from 'node:crypto'
import { noFaults } from '../faults/probe.ts'
import type { FaultProbe } from '../faults/probe.ts'
import type { Mode } from '../views.ts'
import { keepsEffects } from './change.ts'
import type { OpenChange } from './change.ts'
import { fromPut, snapshotOf, toEntry } from './history.ts'
import { IdSource } from './ids.ts'
import { Journal, stateVersion } from './journal.ts'
import type { JournalEntry } from './journal.ts'
import type { Kind, Row, Timer } from './kinds.ts'
import { Space } from './space.ts'
import { DueQueue } from './timers.ts'

export interface WorldOptions {
  readonly now: () => Date
  readonly folder?: string | undefined
  readonly seed?: string | undefined
}

export type TimerAction = (space: Space, subject: string) => void

export class World {
  readonly #now: () => Date
  #journal: Journal | undefined
  readonly #spaces = new Map<string, Space>()
  readonly #due = new DueQueue()
  readonly #problems: string[] = []
  #sequence = 0
  #starts = 1
  #asked = 0
  #timeMs: number | undefined
  #open: OpenChange | undefined
  ids: IdSource
  /** Filled by the modules that own objects; a timer names its action. */
  readonly timerActions = new Map<string, TimerAction>()
  /** Filled likewise: what follows an event of a type, in the same transaction. */
  readonly listeners = new Map<string, TimerAction[]>()
  /** The API call being answered; part of each event it causes. */
  cause: { readonly requestId: string; readonly idempotencyKey: string | null } | null = null
  /** What the armed faults do to money and events; set by whoever puts the sandbox together. */
  faults: FaultProbe = noFaults
  /** Set while a call is answered that a fault `search_lag` struck. */
  faultySearchLagSeconds: number | null = null
  /** Sends a delivery that is in line; set by the deliverer, which is told only after the commit. */
  startDelivery: (space: Space, deliveryId: string) => void = () => undefined
  /** Where browsers reach the sandbox, without a trailing slash; known once the listener listens. */
  publicUrl = ''

  constructor(options: WorldOptions) {
    this.#now = options.now
    this.ids = new IdSource(options.seed ?? randomBytes(12).toString('hex'), 0)
    if (options.folder === undefined) return
    let entries = 0
    this.#journal = new Journal(options.folder, (entry) => {
      entries += 1
      this.#replay(entry)
    })
    this.#problems.push(...this.#journal.losses)
    this.#compact(entries)
    this.#journal.append(this.#header())
  }

  /** Sandbox time in milliseconds: the clock's, or the instant of the timer being worked off. */
  nowMs(): number {
    return this.#timeMs ?? this.#now().getTime()
  }

  /** Sandbox time as Stripe writes it. */
  nowSeconds(): number {
    return Math.floor(this.nowMs() / 1000)
  }

  /** What belongs to no account: the accounts and keys themselves. */
  get root(): Space {
    return this.#spaceNamed('root:test')
  }

  space(accountId: string, mode: Mode): Space {
    return this.#spaceNamed(`${accountId}:${mode}`)
  }

  spaces(): readonly Space[] {
    return [...this.#spaces.values()]
  }

  /** Sentences about lost records and failed timers, for the health page. */
  get problems(): readonly string[] {
    return this.#problems
  }

  nextSequence(): number {
    this.#sequence += 1
    return this.#sequence
  }

  /** Request ids use their own count, because reading must not change the ids of what is written. */
  nextRequestId(): string {
    this.#asked += 1
    return new IdSource(`${this.ids.seed}/request/${this.#starts}`, this.#asked).id('req', 14)
  }

  /** Runs `work` as one change. A thrown error undoes it, unless the error says that it keeps its effects. */
  transaction<T>(work: () => T): T {
    if (this.#open !== undefined) return work()
    const open: OpenChange = { puts: [], removes: [], undo: [], after: [] }
    this.#open = open
    try {
      const result = work()
      this.#commit(open)
      return result
    } catch (error) {
      if (keepsEffects(error)) this.#commit(open)
      else for (const undo of open.undo.toReversed()) undo()
      throw error
    } finally {
      this.#open = undefined
    }
  }

  /** Something to do once the current change is safe, such as sending a webhook. */
  afterCommit(work: () => void): void {
    this.#mustBeOpen().after.push(work)
  }

  /** Called by Space only. */
  write(space: Space, row: Row): void {
    const open = this.#mustBeOpen()
    const before = space.table(row.kind).put(row)
    open.puts.push([space, row])
    open.undo.push(() =>
      before === undefined ? space.table(row.kind).remove(row.id) : space.table(row.kind).put(before),
    )
    if (row.kind === 'timer') this.#arm(space, row as Row<'timer'>)
  }

  /** Called by Space only. */
  erase(space: Space, kind: Kind, id: string): void {
    const open = this.#mustBeOpen()
    const before = space.table(kind).remove(id)
    if (before === undefined) return
    open.removes.push([space, kind, id])
    open.undo.push(() => space.table(kind).put(before))
  }

  /** Makes `action` happen at `dueAt`. The same id again is one timer, which keeps the earlier instant. */
  schedule(space: Space, timer: Timer, id: string = this.ids.id('timer')): string {
    if (space.find('timer', id) === undefined) space.insert('timer', id, { object: timer, hidden: {} })
    return id
  }

  cancelTimer(space: Space, id: string): void {
    space.remove('timer', id)
  }

  /** Earliest instant in milliseconds at which a timer wants to run. */
  nextDueAt(): number | undefined {
    for (let entry = this.#due.peek(); entry !== undefined; entry = this.#due.peek()) {
      const timer = this.#spaceNamed(entry.space).find('timer', entry.id)
      if (timer !== undefined && timer.object.dueAt === entry.dueAt) return entry.dueAt
      this.#due.pop()
    }
    return undefined
  }

  /** Works off every timer due at or before now, in order, each at its own instant. Returns how many ran. */
  runDueTimers(): number {
    let ran = 0
    for (
      let dueAt = this.nextDueAt();
      dueAt !== undefined && dueAt <= this.#now().getTime();
      dueAt = this.nextDueAt()
    ) {
      const entry = this.#due.pop()
      if (entry === undefined) break
      this.#runTimer(entry.space, entry.id, dueAt)
      ran += 1
    }
    return ran
  }

  /** Forgets everything except what `keep` names, and starts a new journal. A seed starts the ids anew as well. */
  reset(keep: readonly Kind[], seed?: string): void {
    const kept = this.root
    const rows = [...kept.allRows()].filter((row) => keep.includes(row.kind))
    this.#empty()
    if (seed !== undefined) {
      this.ids = new IdSource(seed, 0)
      this.#asked = 0
      this.#starts = 1
    }
    for (const row of rows) kept.table(row.kind).put(row)
    this.#journal?.rewrite(this.snapshot())
  }

  /** The whole state as records, for an export. */
  snapshot(): Iterable<JournalEntry> {
    return snapshotOf(this.spaces(), this.#header())
  }

  /** Puts another state in the place of this one. */
  replaceBy(entries: Iterable<JournalEntry>): void {
    this.#empty()
    for (const entry of entries) this.#replay(entry)
    this.#journal?.rewrite(this.snapshot())
  }

  #empty(): void {
    for (const space of this.#spaces.values()) space.clear()
    this.#due.clear()
    this.#problems.length = 0
  }

  close(): void {
    this.#journal?.close()
  }

  #runTimer(spaceName: string, id: string, dueAt: number): void {
    const space = this.#spaceNamed(spaceName)
    this.#timeMs = dueAt
    try {
      this.transaction(() => {
        const timer = space.get('timer', id).object
        space.remove('timer', id)
        this.timerActions.get(timer.action)?.(space, timer.subject)
      })
    } catch (error) {
      this.#problems.push(
        `The timer ${id} of ${spaceName} failed: ${error instanceof Error ? error.message : String(error)}`,
      )
      this.transaction(() => space.remove('timer', id))
    } finally {
      this.#timeMs = undefined
    }
  }

  #commit(open: OpenChange): void {
    const puts = open.puts.filter(([space, row]) => space.find(row.kind, row.id) !== undefined)
    const removes = open.removes.filter(([space, kind, id]) => space.find(kind, id) === undefined)
    if (puts.length > 0 || removes.length > 0) this.#journal?.append(toEntry(this.#counts(), puts, removes))
    this.#open = undefined
    for (const work of open.after) work()
  }

  #replay(entry: JournalEntry): void {
    if (entry.seed !== undefined) this.ids = new IdSource(entry.seed, 0)
    this.ids.drawn = entry.drawn
    this.#sequence = entry.sequence
    if (entry.start !== undefined) this.#starts = entry.start + 1
    for (const put of entry.puts ?? []) {
      const space = this.#spaceNamed(put[0])
      const row = fromPut(space, put)
      space.table(row.kind).put(row)
      if (row.kind === 'timer') this.#arm(space, row as Row<'timer'>)
    }
    for (const [name, kind, id] of entry.removes ?? [])
      this.#spaceNamed(name)
        .table(kind as Kind)
        .remove(id)
  }

  /** A journal much longer than the state it describes is written anew at the start. */
  #compact(entries: number): void {
    const rows = this.spaces().reduce((sum, space) => sum + space.size, 0)
    if (entries > 20_000 && entries > rows * 3) this.#journal?.rewrite(this.snapshot())
  }

  #header(): JournalEntry {
    return { ...this.#counts(), seed: this.ids.seed, start: this.#starts, version: stateVersion }
  }

  #counts(): { drawn: number; sequence: number } {
    return { drawn: this.ids.drawn, sequence: this.#sequence }
  }

  #arm(space: Space, timer: Row<'timer'>): void {
    this.#due.push({ dueAt: timer.object.dueAt, sequence: timer.sequence, space: space.name, id: timer.id })
  }

  #spaceNamed(name: string): Space {
    let space = this.#spaces.get(name)
    if (space === undefined) {
      const [accountId = '', mode = 'test'] = name.split(':')
      space = new Space(this, accountId, mode as Mode)
      this.#spaces.set(name, space)
    }
    return space
  }

  #mustBeOpen(): OpenChange {
    if (this.#open === undefined) throw new Error('The sandbox was changed outside a transaction.')
    return this.#open
  }
}
