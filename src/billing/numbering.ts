/**
 * How document numbers are written (BIL-58 to BIL-60). Pure: the counting itself is a locked row. What surprises: a number belongs to the
 * bucket of the issue date, so a December invoice finalised in January continues December's count.
 */
import type { LocalDate } from '#kernel'

export type Reset = 'never' | 'yearly' | 'monthly' | 'fiscal_yearly'

export type Series = {
  /** Literals and tokens such as `INV-{year}-{seq:6}`; exactly one `{seq:1..9}`. */
  readonly pattern: string
  readonly reset: Reset
  /** 1 to 12; the fiscal year is named by the year in which it ends. */
  readonly fiscalStartMonth?: number
  /** What stands for `{location}`. */
  readonly location?: string
}

export type PatternFault =
  | 'needs_one_seq'
  | 'unknown_token'
  | 'reset_needs_year_token'
  | 'reset_needs_month_token'
  | 'bad_literal'

type Token = { readonly name: 'literal' | 'year' | 'yy' | 'month' | 'fy' | 'location' | 'seq'; readonly text: string }

const words = ['year', 'yy', 'month', 'fy', 'location'] as const
const literal = /^[A-Za-z0-9/_.# -]*$/

/** What is wrong with a pattern, or undefined. */
export function findPatternFault({ pattern, reset }: Pick<Series, 'pattern' | 'reset'>): PatternFault | undefined {
  const tokens = readPattern(pattern)
  if (!tokens) return 'unknown_token'
  const literals = tokens.filter(({ name }) => name === 'literal').map(({ text }) => text)
  if (literals.some((text) => !literal.test(text)) || literals.join('').length > 20) return 'bad_literal'
  if (tokens.filter(({ name }) => name === 'seq').length !== 1) return 'needs_one_seq'
  const has = (...names: Token['name'][]) => tokens.some(({ name }) => names.includes(name))
  if (reset === 'fiscal_yearly' && !has('fy')) return 'reset_needs_year_token'
  if ((reset === 'yearly' || reset === 'monthly') && !has('year', 'yy')) return 'reset_needs_year_token'
  if (reset === 'monthly' && !has('month')) return 'reset_needs_month_token'
  return undefined
}

/** Two series that could write the same number (`series_collide`): the same pattern, whatever the width of the count. */
export function isColliding(one: Series, other: Series): boolean {
  const shape = ({ pattern, location }: Series) =>
    pattern.replace('{location}', location ?? '').replace(/\{seq:\d+\}/, '{seq}')
  return shape(one) === shape(other)
}

/** The count a number is taken from: empty for a series that never restarts, else the year, month or fiscal year. */
export function bucketOf(series: Pick<Series, 'reset' | 'fiscalStartMonth'>, issuedOn: LocalDate): string {
  switch (series.reset) {
    case 'never':
      return ''
    case 'yearly':
      return issuedOn.slice(0, 4)
    case 'monthly':
      return issuedOn.slice(0, 7)
    case 'fiscal_yearly':
      return fiscalYear(issuedOn, series.fiscalStartMonth ?? 1)
  }
}

/** The number itself: `INV-{seq:6}` and 42 → `INV-000042`; a count wider than its width is written in full. */
export function writeNumber(series: Series, document: { readonly seq: bigint; readonly issuedOn: LocalDate }): string {
  const { issuedOn, seq } = document
  const parts = (readPattern(series.pattern) ?? []).map(({ name, text }) => {
    if (name === 'literal') return text
    if (name === 'seq') return seq.toString().padStart(Number(text), '0')
    if (name === 'location') return series.location ?? ''
    if (name === 'fy') return fiscalYear(issuedOn, series.fiscalStartMonth ?? 1)
    if (name === 'month') return issuedOn.slice(5, 7)
    return name === 'year' ? issuedOn.slice(0, 4) : issuedOn.slice(2, 4)
  })
  return parts.join('')
}

function fiscalYear(date: LocalDate, startMonth: number): string {
  const year = Number(date.slice(0, 4))
  const endsNextYear = startMonth > 1 && Number(date.slice(5, 7)) >= startMonth
  return String(endsNextYear ? year + 1 : year)
}

/** The tokens of a pattern, or undefined when it names one that does not exist. */
function readPattern(pattern: string): readonly Token[] | undefined {
  const parts = pattern.split(/(\{[^{}]*\})/).filter((part) => part !== '')
  const tokens = parts.map((part): Token | undefined => {
    if (!part.startsWith('{')) return { name: 'literal', text: part }
    const word = part.slice(1, -1)
    const width = /^seq:([1-9])$/.exec(word)?.[1]
    if (width !== undefined) return { name: 'seq', text: width }
    const name = words.find((known) => known === word)
    return name && { name, text: word }
  })
  return tokens.every((token) => token !== undefined) ? tokens : undefined
}

const prefixes = { invoice: 'INV', credit_note: 'CN' } as const

/** The series of this installation (BIL-60): never restarting; documents of test mode say so in their number. */
export function seriesOf(kind: keyof typeof prefixes, mode: 'test' | 'live'): Series {
  return { pattern: `${mode === 'test' ? 'TEST-' : ''}${prefixes[kind]}-{seq:6}`, reset: 'never' }
}
