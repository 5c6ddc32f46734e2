/**
 * Lines, discounts and tax (BIL-40 to BIL-46, BIL-62). Pure and exact until the one rounding each rule names. What surprises: tax is
 * computed per line and then summed, never on the sum; and credits take tax by the running total, so many small ones never exceed it.
 */
import { cumulativeShares, decimalToFraction, divideRounded } from '#kernel'
import type { TaxTreatment } from './invoice.ts'

/** How prices are typed: without the tax, or with it. */
export type Entry = 'exclusive' | 'inclusive'

export type LineTax = {
  /** Percent as decimal text, up to four decimals. */
  readonly rate: string
  readonly treatment: TaxTreatment
  readonly components?: readonly { readonly name: string; readonly rate: string }[]
}

export type Discount = { readonly percent: string } | { readonly amountMinor: bigint }

export type PricedWish = {
  readonly id: string
  /** Decimal text, up to four decimals; may be negative. */
  readonly quantity: string
  /** Exact decimal of minor units. */
  readonly unitMinor: string
  readonly discount?: Discount | undefined
  readonly isDiscountable: boolean
  readonly tax: LineTax
}

export type PricedLine = {
  readonly id: string
  /** Quantity times unit price. */
  readonly amountMinor: bigint
  /** Its own discount and its share of the invoice's. */
  readonly discountMinor: bigint
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  readonly components?: readonly { readonly name: string; readonly taxMinor: bigint }[]
}

export type TaxSummary = Pick<LineTax, 'treatment' | 'rate'> & Pick<PricedLine, 'netMinor' | 'taxMinor'>

export type PricedInvoice = Pick<PricedLine, 'netMinor' | 'taxMinor' | 'totalMinor'> & {
  readonly lines: readonly PricedLine[]
  readonly summary: readonly TaxSummary[]
}

export type PricingFault = 'discount_exceeds_line' | 'discount_exceeds_invoice' | 'negative_total'

type Priced =
  | { readonly ok: true; readonly value: PricedInvoice }
  | { readonly ok: false; readonly fault: PricingFault }

/** Prices a whole document. @param invoice `incrementMinor` is the currency's smallest step. */
export function priceInvoice(invoice: {
  readonly entry: Entry
  readonly lines: readonly PricedWish[]
  readonly invoiceDiscount?: Discount | undefined
  readonly incrementMinor: bigint
}): Priced {
  const { entry, incrementMinor } = invoice
  const amounts = invoice.lines.map(({ quantity, unitMinor }) => multiply(quantity, unitMinor, incrementMinor))
  const own = invoice.lines.map((line, index) => discountOf(line.discount, amounts[index] ?? 0n, incrementMinor))
  if (own.some((discount, index) => exceeds(discount, amounts[index] ?? 0n))) return fault('discount_exceeds_line')
  const bases = invoice.lines.map((line, index) => {
    const left = (amounts[index] ?? 0n) - (own[index] ?? 0n)
    return line.isDiscountable && left > 0n ? left : 0n
  })
  const whole = bases.reduce((sum, base) => sum + base, 0n)
  const spread = discountOf(invoice.invoiceDiscount, whole, incrementMinor)
  if (spread > whole) return fault('discount_exceeds_invoice')
  const shares = cumulativeShares(spread, bases, incrementMinor)
  const lines = invoice.lines.map((line, index): PricedLine => {
    const amountMinor = amounts[index] ?? 0n
    const discountMinor = (own[index] ?? 0n) + (shares[index] ?? 0n)
    return {
      id: line.id,
      amountMinor,
      discountMinor,
      ...taxOf(amountMinor - discountMinor, { entry, tax: line.tax, incrementMinor }),
    }
  })
  const totals = sumLines(lines)
  if (totals.totalMinor < 0n) return fault('negative_total')
  return { ok: true, value: { lines, ...totals, summary: summarise(invoice.lines, lines) } }
}

function fault(code: PricingFault): Priced {
  return { ok: false, fault: code }
}

function multiply(quantity: string, unit: string, increment: bigint): bigint {
  const one = decimalToFraction(quantity)
  const other = decimalToFraction(unit)
  return divideRounded(one.numerator * other.numerator, one.denominator * other.denominator, increment)
}

function discountOf(discount: Discount | undefined, amount: bigint, increment: bigint): bigint {
  if (!discount) return 0n
  if ('amountMinor' in discount) return discount.amountMinor
  const { numerator, denominator } = decimalToFraction(discount.percent)
  return divideRounded(amount * numerator, denominator * 100n, increment)
}

function exceeds(discount: bigint, amount: bigint): boolean {
  return discount !== 0n && (amount < 0n || discount > amount)
}

type Taxed = Pick<PricedLine, 'netMinor' | 'taxMinor' | 'totalMinor' | 'components'>

/** The tax of one line's amount, which is net or gross as prices are typed. */
export function taxOf(
  amount: bigint,
  about: { readonly entry: Entry; readonly tax: LineTax; readonly incrementMinor: bigint },
): Taxed {
  const { numerator, denominator } = decimalToFraction(about.tax.treatment === 'taxable' ? about.tax.rate : '0')
  const base = denominator * 100n + (about.entry === 'inclusive' ? numerator : 0n)
  const taxMinor = divideRounded(amount * numerator, base, about.incrementMinor)
  const netMinor = about.entry === 'inclusive' ? amount - taxMinor : amount
  return { netMinor, taxMinor, totalMinor: netMinor + taxMinor, ...splitTax(taxMinor, about) }
}

/** Components take the line's tax by running total, in their order (BIL-43). */
function splitTax(taxMinor: bigint, { tax, incrementMinor }: { tax: LineTax; incrementMinor: bigint }) {
  if (!tax.components) return {}
  const scale = 4
  const weights = tax.components.map(({ rate }) => {
    const { numerator, denominator } = decimalToFraction(rate)
    return (numerator * 10n ** BigInt(scale)) / denominator
  })
  const shares = cumulativeShares(taxMinor, weights, incrementMinor)
  return { components: tax.components.map(({ name }, index) => ({ name, taxMinor: shares[index] ?? 0n })) }
}

function sumLines(lines: readonly PricedLine[]) {
  const sum = (field: 'netMinor' | 'taxMinor' | 'totalMinor') => lines.reduce((total, line) => total + line[field], 0n)
  return { netMinor: sum('netMinor'), taxMinor: sum('taxMinor'), totalMinor: sum('totalMinor') }
}

function summarise(wishes: readonly PricedWish[], lines: readonly PricedLine[]): TaxSummary[] {
  const groups = new Map<string, TaxSummary>()
  wishes.forEach(({ tax }, index) => {
    const line = lines[index]
    const key = `${tax.treatment} ${tax.rate}`
    const before = groups.get(key)
    groups.set(key, {
      treatment: tax.treatment,
      rate: tax.rate,
      netMinor: (before?.netMinor ?? 0n) + (line?.netMinor ?? 0n),
      taxMinor: (before?.taxMinor ?? 0n) + (line?.taxMinor ?? 0n),
    })
  })
  return [...groups.values()].sort(byTreatment)
}

/** Treatments by name, and within one the rates by size. */
function byTreatment(one: TaxSummary, other: TaxSummary): number {
  if (one.treatment !== other.treatment) return one.treatment < other.treatment ? -1 : 1
  const [a, b] = [decimalToFraction(one.rate), decimalToFraction(other.rate)]
  return Number(a.numerator * b.denominator - b.numerator * a.denominator)
}

type LineFigures = Pick<PricedLine, 'netMinor' | 'taxMinor' | 'totalMinor'>

/**
 * Takes `amountMinor` (net or gross, as prices are typed) off a line of which `credited` was taken before. Tax follows the running
 * total at the original rate; the last credit takes what is left (BIL-62). Undefined when it is more than is left.
 */
export function creditOfLine(
  line: LineFigures,
  wish: {
    readonly credited: LineFigures
    readonly amountMinor: bigint
    readonly entry: Entry
    readonly incrementMinor: bigint
  },
): LineFigures | undefined {
  const { credited, amountMinor, entry, incrementMinor } = wish
  const whole = entry === 'inclusive' ? line.totalMinor : line.netMinor
  const running = (entry === 'inclusive' ? credited.totalMinor : credited.netMinor) + amountMinor
  if (amountMinor <= 0n || running > whole) return undefined
  const taxMinor = divideRounded(line.taxMinor * running, whole, incrementMinor) - credited.taxMinor
  const netMinor = entry === 'inclusive' ? amountMinor - taxMinor : amountMinor
  return { netMinor, taxMinor, totalMinor: netMinor + taxMinor }
}
