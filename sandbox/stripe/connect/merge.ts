/** Writes what a call gave over what was: a part that was not sent stays, at every depth; null clears; a list replaces. */

export function mergeGiven(before: object, given: object): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...before }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const held = merged[name]
    merged[name] = isPlain(value) ? mergeGiven(isPlain(held) ? held : {}, value) : value
  }
  return merged
}

/** Puts a value at the end of a path such as ['company', 'address', 'city']. */
export function setAt(before: object, path: readonly string[], value: unknown): Record<string, unknown> {
  return mergeGiven(before, path.toReversed().reduce<unknown>((inner, name) => ({ [name]: inner }), value) as object)
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
