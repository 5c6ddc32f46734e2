/**
 * Everything one account has in one mode. Test and live, and any two accounts, are separate spaces, so that an object of
 * one cannot be found from the other by any mistake in an operation (SBX-9).
 */
import type { Mode } from '../views.ts'
import type { Kind, Kinds, Row } from './kinds.ts'
import { Table } from './table.ts'
import type { Selection } from './table.ts'
import { RecentVersions } from './recent-versions.ts'
import { settingsOf } from './settings.ts'
import type { World } from './world.ts'

export class Space {
  readonly world: World
  /** Name in the journal: 'acct_…:test'. */
  readonly name: string
  readonly accountId: string
  readonly mode: Mode
  /** What search still sees. */
  recent = new RecentVersions()
  readonly #tables = new Map<Kind, Table<Kind>>()

  constructor(world: World, accountId: string, mode: Mode) {
    this.world = world
    this.name = `${accountId}:${mode}`
    this.accountId = accountId
    this.mode = mode
  }

  get isLive(): boolean {
    return this.mode === 'live'
  }

  table<K extends Kind>(kind: K): Table<K> {
    let table = this.#tables.get(kind)
    if (table === undefined) {
      table = new Table<Kind>(kind)
      this.#tables.set(kind, table)
    }
    return table as unknown as Table<K>
  }

  /** Whether anything of a kind of this name was ever kept here. */
  has(name: string): boolean {
    return this.#tables.has(name as Kind)
  }

  find<K extends Kind>(kind: K, id: string): Row<K> | undefined {
    return this.table(kind).find(id)
  }

  /** For ids the sandbox itself stored: not finding one is a bug here, not a caller's mistake. */
  get<K extends Kind>(kind: K, id: string): Row<K> {
    const row = this.find(kind, id)
    if (row === undefined) throw new Error(`${this.name} has no ${kind} ${id}.`)
    return row
  }

  newestFirst<K extends Kind>(kind: K, selection?: Selection<K>): Generator<Row<K>> {
    return this.table(kind).newestFirst(selection)
  }

  oldestFirst<K extends Kind>(kind: K, selection?: Selection<K>): Generator<Row<K>> {
    return this.table(kind).oldestFirst(selection)
  }

  insert<K extends Kind>(kind: K, id: string, content: Kinds[K]): Row<K> {
    if (this.find(kind, id) !== undefined) throw new Error(`${this.name} has a ${kind} ${id} already.`)
    const row = {
      kind,
      id,
      sequence: this.world.nextSequence(),
      object: content.object,
      hidden: content.hidden,
    } as Row<K>
    this.world.write(this, row)
    return row
  }

  /** Writes the named fields over the row as it stands now. */
  update<K extends Kind>(
    kind: K,
    id: string,
    changes: { readonly object?: Partial<Kinds[K]['object']>; readonly hidden?: Partial<Kinds[K]['hidden']> },
  ): Row<K> {
    const before = this.get(kind, id)
    const row = {
      ...before,
      object: changes.object === undefined ? before.object : { ...before.object, ...changes.object },
      hidden: changes.hidden === undefined ? before.hidden : { ...before.hidden, ...changes.hidden },
    } as Row<K>
    this.#write(before, row)
    return row
  }

  /** Writes a whole new object, for fields that have to go rather than become null. */
  replace<K extends Kind>(kind: K, id: string, object: Kinds[K]['object']): Row<K> {
    const before = this.get(kind, id)
    const row = { ...before, object } as Row<K>
    this.#write(before, row)
    return row
  }

  #write(before: Row, row: Row): void {
    const { world } = this
    this.recent.keep(before, world.nowMs(), () => settingsOf(world).searchLagSeconds * 1000)
    world.write(this, row)
  }

  remove(kind: Kind, id: string): void {
    this.world.erase(this, kind, id)
  }

  /** Whether there is anything of this id, of whatever kind. */
  holds(id: string): boolean {
    return [...this.#tables.values()].some((table) => table.find(id) !== undefined)
  }

  /** How many rows of all kinds there are. */
  get size(): number {
    return [...this.#tables.values()].reduce((sum, table) => sum + table.size, 0)
  }

  /** Empties the space without a trace in the journal: only for reset. */
  clear(): void {
    this.#tables.clear()
    this.recent = new RecentVersions()
  }

  *allRows(): Generator<Row> {
    for (const table of this.#tables.values()) {
      yield* table.oldestFirst()
    }
  }
}
