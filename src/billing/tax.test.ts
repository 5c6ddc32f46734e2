import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eachVector } from '#test/golden'
import { creditOfLine, priceInvoice, taxOf } from './tax.ts'
import type { Discount, Entry, LineTax } from './tax.ts'

type WireDiscount = { percent?: string; amount_minor?: string } | null
type WireFigures = { net_minor: string; tax_minor: string; total_minor: string }
type Wire = {
  op: string
  increment_minor: string
  entry: Entry
  lines: {
    id: string
    quantity: string
    unit_minor: string
    discount: WireDiscount
    discountable: boolean
    tax: LineTax
  }[]
  invoice_discount: WireDiscount
  line: WireFigures
  credits_minor: string[]
}

const discountOf = (wire: WireDiscount): Discount | undefined => {
  if (!wire) return undefined
  return wire.percent === undefined ? { amountMinor: BigInt(wire.amount_minor!) } : { percent: wire.percent }
}

const figures = (of: { netMinor: bigint; taxMinor: bigint; totalMinor: bigint }): WireFigures => ({
  net_minor: String(of.netMinor),
  tax_minor: String(of.taxMinor),
  total_minor: String(of.totalMinor),
})

function invoice(wire: Wire) {
  const priced = priceInvoice({
    entry: wire.entry,
    incrementMinor: BigInt(wire.increment_minor),
    invoiceDiscount: discountOf(wire.invoice_discount),
    lines: wire.lines.map((line) => ({
      id: line.id,
      quantity: line.quantity,
      unitMinor: line.unit_minor,
      tax: line.tax,
      discount: discountOf(line.discount),
      isDiscountable: line.discountable,
    })),
  })
  if (!priced.ok) return { error: priced.fault }
  return {
    lines: priced.value.lines.map((line) => ({
      id: line.id,
      amount_minor: String(line.amountMinor),
      discount_minor: String(line.discountMinor),
      ...figures(line),
      ...(line.components && {
        components: line.components.map(({ name, taxMinor }) => ({ name, tax_minor: String(taxMinor) })),
      }),
    })),
    ...figures(priced.value),
    summary: priced.value.summary.map(({ treatment, rate, netMinor, taxMinor }) => {
      return { treatment, rate, net_minor: String(netMinor), tax_minor: String(taxMinor) }
    }),
  }
}

const none = { netMinor: 0n, taxMinor: 0n, totalMinor: 0n }

function credits(wire: Wire) {
  const { net_minor: net, tax_minor: tax, total_minor: total } = wire.line
  const line = { netMinor: BigInt(net), taxMinor: BigInt(tax), totalMinor: BigInt(total) }
  let credited = none
  return {
    credits: wire.credits_minor.map((amount) => {
      const wish = {
        credited,
        entry: wire.entry,
        amountMinor: BigInt(amount),
        incrementMinor: BigInt(wire.increment_minor),
      }
      const credit = creditOfLine(line, wish)
      const left =
        wire.entry === 'inclusive' ? line.totalMinor - credited.totalMinor : line.netMinor - credited.netMinor
      if (!credit) return { error: 'credit_exceeds_line', left_minor: String(left) }
      credited = {
        netMinor: credited.netMinor + credit.netMinor,
        taxMinor: credited.taxMinor + credit.taxMinor,
        totalMinor: credited.totalMinor + credit.totalMinor,
      }
      return figures(credit)
    }),
  }
}

eachVector<Wire>('billing/tax.json', (wire) => (wire.op === 'invoice' ? invoice(wire) : credits(wire)))

const percent = fc
  .integer({ min: 0, max: 1_000_000 })
  .map((parts) => `${Math.floor(parts / 10_000)}.${String(parts % 10_000).padStart(4, '0')}`)

test('BIL-41: net and tax come to the amount as it was typed, either way', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), percent, (amount, rate) => {
      const tax: LineTax = { rate, treatment: 'taxable' }
      const inclusive = taxOf(amount, { entry: 'inclusive', tax, incrementMinor: 1n })
      expect(inclusive.totalMinor).toBe(amount)
      const exclusive = taxOf(amount, { entry: 'exclusive', tax, incrementMinor: 1n })
      expect(exclusive.totalMinor - exclusive.taxMinor).toBe(amount)
    }),
  )
})

test('BIL-43: the components of a line sum to its tax', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 9n }),
      fc.array(percent, { minLength: 1, maxLength: 4 }),
      (net, rates) => {
        const components = rates.map((rate, index) => ({ name: `part ${index}`, rate }))
        const tax: LineTax = { rate: '9.975', treatment: 'taxable', components }
        const taxed = taxOf(net, { entry: 'exclusive', tax, incrementMinor: 1n })
        const isSplit = rates.some((rate) => Number(rate) > 0)
        const sum = taxed.components!.reduce((total, { taxMinor }) => total + taxMinor, 0n)
        expect(sum).toBe(isSplit ? taxed.taxMinor : 0n)
      },
    ),
  )
})

test('BIL-62: credits of a line, however many, give back its net and its tax and no more', () => {
  const parts = fc.array(fc.bigInt({ min: 1n, max: 10n ** 5n }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(parts, percent, (amounts, rate) => {
      const whole = amounts.reduce((sum, amount) => sum + amount, 0n)
      const line = taxOf(whole, { entry: 'exclusive', tax: { rate, treatment: 'taxable' }, incrementMinor: 1n })
      const all = amounts.reduce((credited, amountMinor) => {
        const credit = creditOfLine(line, { credited, amountMinor, entry: 'exclusive', incrementMinor: 1n })!
        expect(credit.taxMinor).toBeGreaterThanOrEqual(0n)
        return {
          netMinor: credited.netMinor + credit.netMinor,
          taxMinor: credited.taxMinor + credit.taxMinor,
          totalMinor: credited.totalMinor + credit.totalMinor,
        }
      }, none)
      expect(all).toEqual({ netMinor: line.netMinor, taxMinor: line.taxMinor, totalMinor: line.totalMinor })
      expect(
        creditOfLine(line, { credited: all, amountMinor: 1n, entry: 'exclusive', incrementMinor: 1n }),
      ).toBeUndefined()
    }),
  )
})
