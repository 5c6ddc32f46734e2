/** The last requests and what they were answered, without their secrets, for the console and for tests. */
import type { RequestView } from '../views.ts'

const kept = 1000
const longestBody = 20_000

export class RequestLog {
  #requests: RequestView[] = []
  readonly #unsupported = new Map<string, number>()

  add(request: RequestView): void {
    this.#requests.push({
      ...request,
      requestBody: scrub(request.requestBody),
      responseBody: scrub(request.responseBody),
      path: scrub(request.path),
    })
    if (this.#requests.length > kept * 2) this.#requests = this.#requests.slice(-kept)
  }

  /** Counts a call of something Stripe has and the sandbox has not (SBX-6). */
  addUnsupported(operation: string): void {
    this.#unsupported.set(operation, (this.#unsupported.get(operation) ?? 0) + 1)
  }

  listUnsupported(): { operation: string; times: number }[] {
    return [...this.#unsupported].map(([operation, times]) => ({ operation, times }))
  }

  /** Newest first. */
  list(limit: number): readonly RequestView[] {
    return this.#requests.slice(-Math.min(limit, kept)).toReversed()
  }

  find(id: string): RequestView | undefined {
    return this.#requests.findLast((request) => request.id === id)
  }

  clear(): void {
    this.#requests = []
    this.#unsupported.clear()
  }
}

/** Keys, webhook secrets, client secrets and card numbers leave only their beginning or their end. */
function scrub(text: string): string {
  return text
    .slice(0, longestBody)
    .replace(/\b((?:sk|rk)_(?:test|live)|whsec)_[A-Za-z0-9]+/g, '$1_••••')
    .replace(/_secret_[A-Za-z0-9]+/g, '_secret_••••')
    .replace(/((?:number|cvc)(?:%5D|\])=)\d[\d+%]*?(\d{0,4})(?=&|$)/gi, '$1••••$2')
}
