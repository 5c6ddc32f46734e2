/** Medians, spreads, ratios and the tables that show them. Ratios are what is kept: rates change with the machine (PERF-12). */
import type { Ratio } from './options.ts'

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/** The value below which this share of sorted values lies. */
export function quantile(sorted: readonly number[] | Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** `median (least–most)`. */
export function spread(values: readonly number[], digits = 0): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map((one) =>
    one.toFixed(digits),
  )
  return values.length === 1 ? `${middle}` : `${middle} (${least}–${most})`
}

/** @param pair the figures of one repetition after the other, ours and theirs in the same order. */
export function ratioOf(
  goal: Pick<Ratio, 'name' | 'is' | 'goal'>,
  pair: { readonly ours: readonly number[]; readonly theirs: readonly number[] },
): Ratio {
  const each = pair.ours.map((one, index) => one / (pair.theirs[index] ?? Number.NaN))
  return { ...goal, value: median(pair.ours) / median(pair.theirs), each }
}

export function isReached({ is, goal, value }: Ratio): boolean {
  return is === 'least' ? value >= goal : value <= goal
}

export function ratioLines(ratios: readonly Ratio[]): string[] {
  if (ratios.length === 0) return []
  const rows = ratios.map((ratio) => [
    ratio.name,
    `${ratio.value.toFixed(2)}×`,
    `${ratio.is === 'least' ? '≥' : '≤'} ${Number(ratio.goal.toFixed(2))}×`,
    isReached(ratio) ? 'reached' : 'MISSED',
    ratio.each.map((one) => one.toFixed(2)).join(' '),
  ])
  return tableLines(['ratio of medians', '', 'goal', '', 'per repetition'], rows)
}

export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)]
}
