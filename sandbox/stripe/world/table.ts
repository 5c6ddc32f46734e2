/**
 * One kind of object of one account and mode, in the order they were made. Rows are never changed in place: a new row
 * replaces the old one, so an event can keep a snapshot by keeping the row's object.
 */
import { indexedFields } from './kinds.ts'
import type { Kind, Row } from './kinds.ts'

export interface Selection<K extends Kind> {
  /** Narrow to rows whose indexed field has this value. */
  readonly by?: readonly [field: string, value: string | number] | undefined
  readonly where?: ((row: Row<K>) => boolean) | undefined
  /** Only rows made before the one with this sequence. */
  readonly below?: number | undefined
  /** Newest first only: nothing beyond the first row for which this is true is looked at. */
  readonly until?: ((row: Row<K>) => boolean) | undefined
  /** Only rows made after the one with this sequence. */
  readonly above?: number | undefined
}

export class Table<K extends Kind> {
  readonly #rows = new Map<string, Row<K>>()
  /**
   * Ids by growing sequence; an id that is no longer in #rows was deleted. Replaced, never shortened in the middle, so that
   * who walks it while rows go keeps his place.
   */
  #order: { sequence: number; id: string }[] = []
  /** Place of the oldest row that is still there: logs that lose their oldest rows are walked from here. */
  #first = 0
  readonly #indexes = new Map<string, Map<unknown, Set<string>>>()

  constructor(kind: K) {
    for (const field of indexedFields[kind] ?? []) this.#indexes.set(field, new Map())
  }

  get size(): number {
    return this.#rows.size
  }

  find(id: string): Row<K> | undefined {
    return this.#rows.get(id)
  }

  /** Inserts or replaces; returns the row that was there before. */
  put(row: Row<K>): Row<K> | undefined {
    const before = this.#rows.get(row.id)
    this.#rows.set(row.id, row)
    if (before === undefined) this.#place(row)
    this.#reindex(row.id, before, row)
    return before
  }

  remove(id: string): Row<K> | undefined {
    const before = this.#rows.get(id)
    if (before === undefined) return undefined
    this.#rows.delete(id)
    if (this.#order.at(-1)?.id === id) this.#order.pop()
    this.#reindex(id, before, undefined)
    this.#forgetGaps()
    return before
  }

  /** Mostly at the end; a removal that is taken back finds its old place again. */
  #place({ id, sequence }: Row<K>): void {
    const newest = this.#order.at(-1)
    if (newest === undefined || newest.sequence < sequence) {
      this.#order.push({ sequence, id })
      return
    }
    const place = this.#placeOf(sequence)
    if (this.#order[place]?.sequence !== sequence) this.#order = this.#order.toSpliced(place, 0, { sequence, id })
    this.#first = Math.min(this.#first, place)
  }

  /** Places of deleted rows are given back once they are more than half of all. */
  #forgetGaps(): void {
    while (this.#first < this.#order.length && this.#at(this.#order, this.#first) === undefined) this.#first += 1
    if (this.#order.length < 1000 || this.#order.length < this.#rows.size * 2) return
    this.#order = this.#order.filter((_, place, order) => this.#at(order, place) !== undefined)
    this.#first = 0
  }

  /** Newest first, lazily, so that a page of ten never walks a hundred thousand rows. */
  *newestFirst(selection: Selection<K> = {}): Generator<Row<K>> {
    const { by, where, until, below = Infinity, above = -Infinity } = selection
    for (const row of by === undefined ? this.#downFrom(below) : this.#indexed(by).toReversed()) {
      if ((row.sequence <= above && by === undefined) || until?.(row) === true) return
      if (row.sequence < below && row.sequence > above && (where === undefined || where(row))) yield row
    }
  }

  /** The same rows the other way round, for pages that go back towards the newest. */
  *oldestFirst(selection: Selection<K> = {}): Generator<Row<K>> {
    const { by, where, below = Infinity, above = -Infinity } = selection
    for (const row of by === undefined ? this.#upFrom(above) : this.#indexed(by)) {
      if (row.sequence < below && row.sequence > above && (where === undefined || where(row))) yield row
    }
  }

  *#downFrom(below: number): Generator<Row<K>> {
    const order = this.#order
    for (let place = this.#placeOf(below) - 1; place >= 0; place -= 1) {
      const row = this.#at(order, place)
      if (row !== undefined) yield row
    }
  }

  *#upFrom(above: number): Generator<Row<K>> {
    const order = this.#order
    for (let place = Math.max(this.#placeOf(above), this.#first); place < order.length; place += 1) {
      const row = this.#at(order, place)
      if (row !== undefined) yield row
    }
  }

  /** An id that was deleted and made again stands in two places; only the younger one counts. */
  #at(order: readonly { sequence: number; id: string }[], place: number): Row<K> | undefined {
    const entry = order[place]
    const row = entry === undefined ? undefined : this.#rows.get(entry.id)
    return row?.sequence === entry?.sequence ? row : undefined
  }

  /** Place of the first row whose sequence is not below this one. */
  #placeOf(sequence: number): number {
    let low = 0
    let high = this.#order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#order[middle]?.sequence ?? 0) < sequence) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Oldest first. */
  #indexed([field, value]: readonly [string, string | number]): Row<K>[] {
    const index = this.#indexes.get(field)
    if (index === undefined) throw new Error(`There is no index on ${field}.`)
    const rows = [...(index.get(value) ?? [])].flatMap((id) => this.#rows.get(id) ?? [])
    return rows.toSorted((one, other) => one.sequence - other.sequence)
  }

  #reindex(id: string, before: Row<K> | undefined, after: Row<K> | undefined): void {
    for (const [field, index] of this.#indexes) {
      const old = readField(before, field)
      const fresh = readField(after, field)
      if (old === fresh) continue
      if (old !== undefined) index.get(old)?.delete(id)
      if (old !== undefined && index.get(old)?.size === 0) index.delete(old)
      if (fresh !== undefined) index.set(fresh, (index.get(fresh) ?? new Set()).add(id))
    }
  }
}

function readField(row: Row | undefined, field: string): unknown {
  if (row === undefined) return undefined
  const isHidden = field.startsWith('hidden.')
  const holder = (isHidden ? row.hidden : row.object) as unknown as Record<string, unknown>
  const value = holder[isHidden ? field.slice('hidden.'.length) : field]
  return value === null ? undefined : value
}
