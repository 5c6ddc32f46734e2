/** What happens when, in an invented time: the earliest first, and of two at the same moment the one planned first. */

type Entry = { readonly at: number; readonly turn: number; readonly isNews: boolean; readonly run: () => void }

export type Agenda = {
  now(): number
  /** @param isNews false for what goes on by itself for ever, such as polls. */
  plan(at: number, run: () => void, isNews?: boolean): void
  /** Whether anything but polls is still to come. */
  hasNews(): boolean
  run(): void
}

export function createAgenda(): Agenda {
  const heap: Entry[] = []
  let now = 0
  let turns = 0
  let news = 0
  return {
    now: () => now,
    plan(at, run, isNews = true) {
      turns += 1
      if (isNews) news += 1
      push(heap, { at: Math.max(at, now), turn: turns, isNews, run })
    },
    hasNews: () => news > 0,
    run() {
      for (let entry = pop(heap); entry; entry = pop(heap)) {
        now = entry.at
        if (entry.isNews) news -= 1
        entry.run()
      }
    },
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.turn < other.turn)
}

function push(heap: Entry[], entry: Entry): void {
  let place = heap.length
  heap.push(entry)
  while (place > 0) {
    const above = (place - 1) >> 1
    if (!isBefore(entry, heap[above]!)) break
    heap[place] = heap[above]!
    place = above
  }
  heap[place] = entry
}

function pop(heap: Entry[]): Entry | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (heap.length === 0 || !last) return first
  let place = 0
  for (;;) {
    let below = place * 2 + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1
    if (!isBefore(heap[below]!, last)) break
    heap[place] = heap[below]!
    place = below
  }
  heap[place] = last
  return first
}
