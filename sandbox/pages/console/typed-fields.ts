/**
 * How a form says which JSON it means. A field's name carries its type: `text:url`, `number:times`, `flag:connect`,
 * `list:enabled_events`, `lines:enabled_events` for a list that is typed or pasted, `json:` for values a button brings along. Dots lead into groups; empty texts and numbers are left
 * out, and what is no number stays a text, so that the control API is the one to refuse it.
 */

type Json = Record<string, unknown>

export function readTyped(form: URLSearchParams): Json {
  const result: Json = {}
  for (const name of new Set(form.keys())) {
    const [type = '', path] = name.split(':')
    if (path === undefined) continue
    if (type === 'json' && path === '') mergeInto(result, JSON.parse(form.get(name) ?? '{}') as Json)
    const value = path === '' ? undefined : readValue(type, form.getAll(name))
    if (value !== undefined) assign(result, path.split('.'), value)
  }
  return result
}

function readValue(type: string, given: readonly string[]): unknown {
  const first = (given[0] ?? '').trim()
  switch (type) {
    case 'text':
      return first === '' ? undefined : first
    case 'number':
      if (first === '') return undefined
      return Number.isFinite(Number(first)) ? Number(first) : first
    case 'flag':
      return first === 'true' || first === 'on'
    case 'json':
      return first === '' ? undefined : readJson(first)
    case 'list':
    case 'lines':
      return given.flatMap((text) => text.split(/[\s,]+/)).filter((text) => text !== '')
    default:
      return undefined
  }
}

/** What is typed as JSON; text that is none stays text, and is refused where it is read. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

function assign(target: Json, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path
  if (name === '__proto__') return
  const inner = target[name]
  if (rest.length === 0) {
    // The same list may be ticked and pasted.
    target[name] = Array.isArray(inner) && Array.isArray(value) ? [...new Set([...inner, ...value])] : value
    return
  }
  const group: Json = typeof inner === 'object' && inner !== null ? (inner as Json) : {}
  target[name] = group
  assign(group, rest, value)
}

function mergeInto(target: Json, source: Json): void {
  for (const [name, value] of Object.entries(source)) assign(target, [name], value)
}
