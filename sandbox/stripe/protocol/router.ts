/** Finds the operation of a method and path. Fixed segments win over `:name` segments, whatever the order of the table. */
import type { ObjectModule, Operation } from './operation.ts'

interface Found {
  readonly operation: Operation
  readonly path: Record<string, string>
}

export class Router {
  readonly operations: readonly Operation[]
  readonly #fixed = new Map<string, Operation>()
  readonly #byShape = new Map<string, { operation: Operation; segments: readonly string[] }[]>()

  constructor(modules: readonly ObjectModule[]) {
    this.operations = modules.flatMap((module) => module.operations)
    for (const operation of this.operations) {
      const segments = operation.path.split('/')
      if (!operation.path.includes(':')) this.#fixed.set(`${operation.method} ${operation.path}`, operation)
      const shape = shapeOf(operation.method, segments)
      this.#byShape.set(shape, [...(this.#byShape.get(shape) ?? []), { operation, segments }])
    }
  }

  find(method: string, pathname: string): Found | undefined {
    const fixed = this.#fixed.get(`${method} ${pathname}`)
    if (fixed !== undefined) return { operation: fixed, path: {} }
    const segments = pathname.split('/')
    // '/v1/charges/search' is an operation of its own at Stripe, never the charge called "search".
    if (segments.at(-1) === 'search') return undefined
    for (const candidate of this.#byShape.get(shapeOf(method, segments)) ?? []) {
      const path = match(candidate.segments, segments)
      if (path !== undefined) return { operation: candidate.operation, path }
    }
    return undefined
  }
}

/** Paths of one method, one length and one resource are few. */
function shapeOf(method: string, segments: readonly string[]): string {
  return `${method} ${segments.length} ${segments[2] ?? ''}`
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const path: Record<string, string> = {}
  for (const [place, expected] of pattern.entries()) {
    const actual = segments[place] ?? ''
    if (expected.startsWith(':')) {
      if (actual === '') return undefined
      path[expected.slice(1)] = decode(actual)
    } else if (expected !== actual) return undefined
  }
  return path
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    if (error instanceof URIError) return segment
    throw error
  }
}
