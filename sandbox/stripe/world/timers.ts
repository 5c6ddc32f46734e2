/** A queue of due instants, earliest first. Entries whose timer was canceled are thrown away when they surface. */

export interface DueEntry {
  readonly dueAt: number
  /** Order of scheduling, for timers due at the same instant. */
  readonly sequence: number
  readonly space: string
  readonly id: string
}

function isBefore(one: DueEntry, other: DueEntry): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.sequence < other.sequence)
}

/** A binary heap: tens of thousands of expiring sessions cost nothing until they are due. */
export class DueQueue {
  readonly #heap: DueEntry[] = []

  peek(): DueEntry | undefined {
    return this.#heap[0]
  }

  push(entry: DueEntry): void {
    const heap = this.#heap
    let place = heap.push(entry) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!isBefore(entry, heap[parent] as DueEntry)) break
      heap[place] = heap[parent] as DueEntry
      place = parent
    }
    heap[place] = entry
  }

  pop(): DueEntry | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    this.#sink(last)
    return first
  }

  clear(): void {
    this.#heap.length = 0
  }

  #sink(entry: DueEntry): void {
    const heap = this.#heap
    let place = 0
    for (;;) {
      let child = place * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as DueEntry, heap[child] as DueEntry)) child += 1
      if (!isBefore(heap[child] as DueEntry, entry)) break
      heap[place] = heap[child] as DueEntry
      place = child
    }
    heap[place] = entry
  }
}
