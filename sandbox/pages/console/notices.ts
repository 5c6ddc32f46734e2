/**
 * What the last button did, told on the page it leads to. The sentence waits here, under a number in the address, because
 * a sentence in the address itself could be put there by anybody.
 */
import { markup } from '../markup.ts'
import type { Markup } from '../markup.ts'

export interface Notice {
  readonly tone: 'good' | 'bad'
  readonly text: string
  /** What was typed into a form that was refused, so that it can be shown again. */
  readonly typed: URLSearchParams
}

const kept = 100

export class Notices {
  readonly #notices = new Map<string, Notice>()
  #count = 0

  /** Keeps a notice and returns its name for the address. */
  add(notice: Notice): string {
    this.#count += 1
    const name = String(this.#count)
    this.#notices.set(name, notice)
    this.#notices.delete(String(this.#count - kept))
    return name
  }

  find(name: string | null): Notice | null {
    return this.#notices.get(name ?? '') ?? null
  }
}

/** Stands above the page and takes the focus, so that a screen reader says it first. */
export function noticePart({ tone, text }: Notice): Markup {
  return tone === 'good'
    ? markup`<div class="notice good" role="status" tabindex="-1" autofocus data-testid="sandbox-done"><p>${text}</p></div>`
    : markup`<div class="notice bad" role="alert" tabindex="-1" autofocus data-testid="sandbox-problems"><h2>There is a problem</h2><p>${text}</p></div>`
}
