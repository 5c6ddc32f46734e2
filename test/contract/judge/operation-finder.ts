/** Finds the operation of the contract a request means. Fixed segments win over `{id}` places. */
import type { Operation, Paths } from '../derive/operations.ts'

type Found = { readonly path: string; readonly operation: Operation }

export class OperationFinder {
  readonly #byLength = new Map<string, { path: string; segments: readonly string[]; operation: Operation }[]>()

  constructor(paths: Paths) {
    for (const [path, methods] of Object.entries(paths)) {
      const segments = path.split('/')
      for (const [method, operation] of Object.entries(methods)) {
        const key = `${method.toUpperCase()} ${segments.length}`
        const known = this.#byLength.get(key) ?? []
        this.#byLength.set(key, [...known, { path, segments, operation }])
      }
    }
  }

  find(method: string, pathname: string): Found | undefined {
    const segments = pathname.split('/')
    const matching = (this.#byLength.get(`${method} ${segments.length}`) ?? []).filter((candidate) =>
      candidate.segments.every((one, place) =>
        one.startsWith('{') ? segments[place] !== '' : one === segments[place],
      ),
    )
    const places = (path: string): number => path.split('{').length
    return matching.toSorted((one, other) => places(one.path) - places(other.path))[0]
  }
}
