/**
 * What objects that can be searched were a moment ago: search lags behind the writes (SBX-18), so it has to see a change
 * only when its time has come. Kept in memory for as long as the lag lasts; after a restart changes are seen at once, and
 * only new objects, which say when they were made, still wait.
 */
import type { Kind, Row } from './kinds.ts'

export type SearchedKind = 'charge' | 'customer' | 'invoice' | 'payment_intent'

const searched: readonly Kind[] = ['charge', 'customer', 'invoice', 'payment_intent']

interface Version {
  readonly row: Row
  /** Milliseconds of sandbox time. */
  readonly replacedAt: number
}

export class RecentVersions {
  readonly #versions = new Map<string, Version[]>()
  /** In the order of their replacement, so that old ones are forgotten from the front. */
  readonly #order: { readonly id: string; readonly replacedAt: number }[] = []
  #forgotten = 0

  /** Remembers the row that is replaced at this instant, and forgets what was replaced more than `keepMs` before. */
  keep(row: Row, nowMs: number, keepMs: () => number): void {
    if (!searched.includes(row.kind)) return
    const versions = this.#versions.get(row.id) ?? []
    // Several changes at one instant are one for who looks later.
    if (versions.at(-1)?.replacedAt !== nowMs) {
      this.#versions.set(row.id, [...versions, { row, replacedAt: nowMs }])
      this.#order.push({ id: row.id, replacedAt: nowMs })
    }
    this.#forget(nowMs - keepMs())
  }

  /** The row as it was at that instant; undefined when it was not made yet. */
  asOf<K extends SearchedKind>(row: Row<K>, instantMs: number): Row<K> | undefined {
    if ((row as Row<SearchedKind>).object.created * 1000 > instantMs) return undefined
    const version = this.#versions.get(row.id)?.find((one) => one.replacedAt > instantMs)
    return version === undefined ? row : (version.row as Row<K>)
  }

  #forget(beforeMs: number): void {
    for (;;) {
      const oldest = this.#order[this.#forgotten]
      if (oldest === undefined || oldest.replacedAt >= beforeMs) break
      const left = (this.#versions.get(oldest.id) ?? []).filter(({ replacedAt }) => replacedAt >= beforeMs)
      if (left.length === 0) this.#versions.delete(oldest.id)
      else this.#versions.set(oldest.id, left)
      this.#forgotten += 1
    }
    if (this.#forgotten > 1000) this.#order.splice(0, this.#forgotten)
    if (this.#forgotten > 1000) this.#forgotten = 0
  }
}
