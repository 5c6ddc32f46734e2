/**
 * `expand[]` (SBX-17): an id in a reply becomes the object it names, exactly as a retrieve would show it. On lists every
 * path starts with `data.`; four levels at most; a field that holds no id is refused,
 * unless it is a list inside the object, whose rows are opened by `list.data.field`. A bank account that was replaced is shown as deleted
 * (stripe types: Payout.destination).
 */
import { refuse } from '../errors.ts'
import type { Kind, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { Expansion, ObjectModule, Result } from './operation.ts'
import { renderFor } from './versions.ts'

const deepest = 4

type Json = Record<string, unknown>
type Page = Json & { readonly data: readonly Json[] }

export class Renderer {
  readonly #expansions = new Map<Kind, Readonly<Record<string, Expansion>>>()

  readonly #presentations = new Map<Kind, (space: Space, row: Row) => object>()
  readonly #prefixes = new Map<string, Kind>()

  constructor(modules: readonly ObjectModule[]) {
    for (const module of modules) {
      for (const [kind, present] of Object.entries(module.presentations ?? {}))
        this.#presentations.set(kind as Kind, present)
      for (const [prefix, kind] of Object.entries(module.prefixes ?? {})) this.#prefixes.set(prefix, kind)
      for (const [kind, fields] of Object.entries(module.expansions ?? {})) this.#expansions.set(kind as Kind, fields)
    }
  }

  /** The reply's body. Throws StripeRefusal for a path that cannot be expanded. */
  render(space: Space, result: Result, options: { version: string; expand: readonly string[] }): Json {
    const paths = options.expand.map(splitPath)
    if (result.as === 'plain') {
      const [first] = options.expand
      if (first !== undefined) throw cannotExpand(first)
      return { ...result.value }
    }
    if (result.as === 'object') {
      return { ...this.#renderRow(space, result.row, { version: options.version, paths }), ...result.extra }
    }
    return this.#renderPage(space, result, { version: options.version, paths })
  }

  #renderPage(
    space: Space,
    page: Extract<Result, { as: 'page' }>,
    options: { version: string; paths: readonly (readonly string[])[] },
  ): Json {
    const isCount = (path: readonly string[]): boolean => page.search !== undefined && path.join('.') === 'total_count'
    const paths = options.paths.filter((path) => !isCount(path))
    const stray = paths.find((path) => path[0] !== 'data' || path.length < 2)
    if (stray !== undefined)
      throw cannotExpand(stray.join('.'), ` You may want to try expanding 'data.${stray.join('.')}' instead.`)
    const inner = { version: options.version, paths: paths.map((path) => path.slice(1)) }
    const data = page.rows.map((row) => this.#renderRow(space, row, inner))
    const { url, hasMore, search } = page
    if (search === undefined) return { object: 'list', url, has_more: hasMore, data }
    const count = options.paths.some(isCount) ? { total_count: search.count() } : {}
    return { object: 'search_result', url, has_more: hasMore, next_page: search.nextPage, data, ...count }
  }

  #renderRow(space: Space, row: Row, options: { version: string; paths: readonly (readonly string[])[] }): Json {
    const object = this.#present(space, row, options.version)
    for (const path of options.paths)
      this.#expandInto(object, path, { space, kind: row.kind, version: options.version })
    return object
  }

  #present(space: Space, row: Row, version: string): Json {
    const object = this.#presentations.get(row.kind)?.(space, row) ?? row.object
    return renderFor(version, object as unknown as Json, space)
  }

  /** Changes `object`, which is a fresh copy down to every level that is touched. */
  #expandInto(object: Json, path: readonly string[], context: { space: Space; kind: Kind; version: string }): void {
    const fields = this.#expansions.get(context.kind) ?? {}
    const length = [1, 2].find((count) => Object.hasOwn(fields, path.slice(0, count).join('.')))
    if (length === undefined || path.length < length) throw cannotExpand(path.join('.'))
    const holder = length === 1 ? object : copyInto(object, String(path[0]))
    const name = String(path[length - 1])
    const rest = path.slice(length)
    const expansion = fields[path.slice(0, length).join('.')] as Expansion
    if (typeof expansion === 'function') {
      const shown = isList(holder[name]) ? holder[name] : expansion(context.space, String(object['id']))
      if (rest.length > 0 && (rest[0] !== 'data' || rest.length < 2 || !isList(shown)))
        throw cannotExpand(path.join('.'))
      holder[name] = rest.length > 0 ? this.#expandRows(shown as Page, rest.slice(1), context) : shown
      return
    }
    this.#expandId(holder, name, { ...context, expansion, rest })
  }

  /** A list inside an object, such as the refunds of a charge: `refunds.data.balance_transaction`. */
  #expandRows(list: Page, path: readonly string[], context: { space: Space; version: string }): Page {
    const data = list.data.map((row) => {
      const copy = { ...row }
      this.#expandInto(copy, path, { ...context, kind: String(row['object']) as Kind })
      return copy
    })
    return { ...list, data }
  }

  #expandId(
    holder: Json,
    name: string,
    context: { space: Space; version: string; expansion: Kind | 'by_prefix'; rest: readonly string[] },
  ): void {
    const value = holder[name]
    if (value === null || value === undefined) return
    const id = typeof value === 'string' ? value : String((value as Json)['id'])
    const kind =
      context.expansion === 'by_prefix' ? this.#prefixes.get(id.slice(0, id.indexOf('_'))) : context.expansion
    const row = kind === undefined ? undefined : findAnywhere(context.space, kind, id)
    if (row === undefined) {
      if (kind === 'external_account') holder[name] = { id, object: 'bank_account', deleted: true }
      return
    }
    if (typeof value === 'string') holder[name] = this.#present(context.space, row, context.version)
    if (context.rest.length > 0) {
      this.#expandInto(holder[name] as Json, context.rest, {
        space: context.space,
        kind: row.kind,
        version: context.version,
      })
    }
  }
}

function isList(value: unknown): value is Page {
  return typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data)
}

function findAnywhere(space: Space, kind: Kind, id: string): Row | undefined {
  return kind === 'account' ? space.world.root.find(kind, id) : space.find(kind, id)
}

function copyInto(object: Json, name: string): Json {
  const copy = { ...(object[name] as Json) }
  object[name] = copy
  return copy
}

function splitPath(path: string): string[] {
  const segments = path.split('.')
  if (segments.filter((segment) => segment !== 'data').length > deepest) {
    throw refuse(`You cannot expand more than ${deepest} levels of a property. Property: ${path}`, { param: 'expand' })
  }
  return segments
}

function cannotExpand(path: string, advice = ''): Error {
  return refuse(`This property cannot be expanded (${path}).${advice}`, { param: 'expand' })
}
