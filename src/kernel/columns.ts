/**
 * Rows in two spellings: fields as in the code, columns as in the schema. Turned by rule and not one by one; amounts are known by their
 * suffix. Pure.
 */

/** `totalMinor: 5n` → `total_minor: '5'`; objects become JSON, what is absent becomes null. */
export function toColumns(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const inSchema = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [inSchema(name), toColumn(value)]))
}

function toColumn(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  return typeof value === 'object' && value !== null && !(value instanceof Date)
    ? JSON.stringify(value)
    : (value ?? null)
}

/** The way back: `total_minor: '5'` → `totalMinor: 5n`; null is left out. */
export function toFields<Noun>(row: Readonly<Record<string, unknown>>): Noun {
  const fields = Object.entries(row)
    .filter(([, value]) => value !== null)
    .map(([column, value]) => [
      column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      column.endsWith('_minor') ? BigInt(String(value)) : value,
    ])
  return Object.fromEntries(fields) as Noun
}
