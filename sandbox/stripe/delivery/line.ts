/**
 * The deliveries that wait for one endpoint, and how many of them are under way. Stripe promises no order, so those whose
 * events came within two seconds of each other leave in any order; an older one is never overtaken (SBX-35).
 */
import { parallelDeliveriesPerEndpoint, reorderWithinMs } from '../facts.ts'

export interface Waiting<T> {
  readonly task: T
  /** Sandbox time in milliseconds. */
  readonly since: number
}

/** How far a line is looked at for somebody to let in front. */
const longestReorder = 100

export class Line<T> {
  #waiting: Waiting<T>[] = []
  /** Place of the first that still waits; the places before are given back in one go. */
  #head = 0
  #underWay = 0

  get isEmpty(): boolean {
    return this.#head === this.#waiting.length && this.#underWay === 0
  }

  add(waiting: Waiting<T>): void {
    this.#waiting.push(waiting)
  }

  /** Takes all that may leave now. `draw` gives a whole number below its argument. */
  takeSome(draw: (below: number) => number): T[] {
    const taken: T[] = []
    while (this.#underWay < parallelDeliveriesPerEndpoint && this.#head < this.#waiting.length) {
      this.#underWay += 1
      taken.push(this.#takeOne(draw))
    }
    if (this.#head > 1000 || this.#head === this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
    return taken
  }

  finish(): void {
    this.#underWay -= 1
  }

  #takeOne(draw: (below: number) => number): T {
    const first = this.#waiting[this.#head] as Waiting<T>
    let together = 1
    while (together < longestReorder && this.#isNear(this.#waiting[this.#head + together], first)) together += 1
    const place = this.#head + draw(together)
    const chosen = this.#waiting[place] as Waiting<T>
    // Whoever is let in front changes nothing in the order of the others.
    this.#waiting.copyWithin(this.#head + 1, this.#head, place)
    this.#head += 1
    return chosen.task
  }

  #isNear(other: Waiting<T> | undefined, first: Waiting<T>): boolean {
    return other !== undefined && other.since - first.since <= reorderWithinMs
  }
}
