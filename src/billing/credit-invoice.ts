/**
 * A credit note against an invoice (P4, BIL-61 to BIL-63). It is spread over the lines that are no deposit, each by what is left of it,
 * with the tax at the original rate. What surprises: it first lowers what is unpaid of its own invoice, and only the rest can be spent.
 */
import { cumulativeShares, done, formatMoney, incrementMinorOf, type Outcome, type Uuid } from '#kernel'
import { post, type Line } from '#ledger'
import { newId, recordFact, type ScopedHandle } from '#platform'
import { getLocation, todayAt } from '#spaces'
import { creditableMinor, incomeOf, openBeforeDepositMinor } from './invoice.ts'
import type { CreditLine, CreditOrigin, Invoice, InvoiceLine } from './invoice.ts'
import { bucketOf, seriesOf, writeNumber } from './numbering.ts'
import { refuse, type BillingProblem } from './problems.ts'
import {
  insertCreditApplication,
  insertCreditNote,
  listCreditedLines,
  listInvoiceLines,
  lockInvoice,
  takeSeq,
  updateStatus,
} from './store.ts'
import { creditOfLine } from './tax.ts'

export type Credited = {
  readonly creditNoteId: Uuid
  readonly number: string
  /** What of it may be refunded or applied elsewhere, in minor units. */
  readonly spendableMinor: bigint
}

type CreditWish = {
  readonly invoiceId: Uuid
  /** With tax, in minor units of the invoice's currency. */
  readonly amountMinor: bigint
  readonly reason: string
  readonly origin: CreditOrigin
  readonly actor: string
}

/** @throws when there is no such invoice in this scope. */
export async function creditInvoice(rows: ScopedHandle, wish: CreditWish): Promise<Outcome<Credited, BillingProblem>> {
  const reason = wish.reason.trim()
  if (reason.length < 1 || reason.length > 500) return refuse('credit_reason_missing', { field: '/reason' })
  const invoice = await lockInvoice(rows, wish.invoiceId)
  const fault = judgeCredit(invoice, wish.amountMinor)
  if (fault) return fault
  const lines = await listInvoiceLines(rows, invoice.id)
  const parts = spread(invoice, {
    lines,
    credited: await listCreditedLines(rows, invoice.id),
    amountMinor: wish.amountMinor,
  })
  const note = await writeNote(rows, { invoice, parts, reason, wish })
  await postCredit(rows, { invoice, lines, parts, note, actor: wish.actor })
  const ids = { credit_note: note.id, invoice: invoice.id, renter: invoice.renterId }
  await recordFact(rows, { name: 'credit_note.finalised', ids, actor: wish.actor })
  await offset(rows, { invoice, note, actor: wish.actor })
  return done({ creditNoteId: note.id, number: note.number, spendableMinor: wish.amountMinor - note.offsetMinor })
}

function judgeCredit(invoice: Invoice, amountMinor: bigint): Outcome<never, BillingProblem> | undefined {
  if (invoice.status !== 'open' && invoice.status !== 'paid') return refuse('credit_not_issued')
  const { currency } = invoice
  if (amountMinor <= 0n || amountMinor % incrementMinorOf(currency) !== 0n) {
    return refuse('credit_not_positive', { field: '/amount' })
  }
  const left = creditableMinor(invoice)
  if (amountMinor <= left) return undefined
  return refuse('credit_exceeds_invoice', { field: '/amount', left: formatMoney({ amountMinor: left, currency }) })
}

type Spread = {
  readonly lines: readonly InvoiceLine[]
  readonly credited: readonly CreditLine[]
  readonly amountMinor: bigint
}

/** Each line gives its share of the amount by what is left of it; a line of less than zero gives nothing. */
function spread({ currency }: Invoice, { lines, credited, amountMinor }: Spread): readonly CreditLine[] {
  const incrementMinor = incrementMinorOf(currency)
  const known = lines
    .filter(({ kind, totalMinor }) => kind !== 'deposit' && totalMinor > 0n)
    .map((line) => ({ line, credited: sumOf(credited.filter(({ invoiceLineNo }) => invoiceLineNo === line.lineNo)) }))
  const left = known.map(({ line, credited: before }) => line.totalMinor - before.totalMinor)
  const shares = cumulativeShares(amountMinor, left, incrementMinor)
  return known.flatMap(({ line, credited: before }, index) => {
    const share = shares[index] ?? 0n
    const credit = creditOfLine(line, { credited: before, amountMinor: share, entry: 'inclusive', incrementMinor })
    return credit ? [{ invoiceLineNo: line.lineNo, ...credit }] : []
  })
}

function sumOf(parts: readonly Omit<CreditLine, 'invoiceLineNo'>[]) {
  return {
    netMinor: parts.reduce((sum, part) => sum + part.netMinor, 0n),
    taxMinor: parts.reduce((sum, part) => sum + part.taxMinor, 0n),
    totalMinor: parts.reduce((sum, part) => sum + part.totalMinor, 0n),
  }
}

type Note = { readonly id: Uuid; readonly number: string; readonly issueOn: string; readonly offsetMinor: bigint }

async function writeNote(
  rows: ScopedHandle,
  about: { invoice: Invoice; parts: readonly CreditLine[]; reason: string; wish: CreditWish },
): Promise<Note> {
  const { invoice, parts, reason, wish } = about
  const issueOn = todayAt(await getLocation(rows), rows.clock)
  const series = seriesOf('credit_note', rows.scope.mode)
  const numberSeq = await takeSeq(rows, 'credit_note', bucketOf(series, issueOn))
  const open = openBeforeDepositMinor(invoice)
  const offsetMinor = wish.amountMinor < open ? wish.amountMinor : open
  const note = { id: newId(rows.clock), number: writeNumber(series, { seq: numberSeq, issuedOn: issueOn }), issueOn }
  const { id: invoiceId, renterId, currency } = invoice
  const status = offsetMinor === wish.amountMinor ? 'settled' : 'open'
  const whole = { ...note, numberSeq, invoiceId, renterId, currency, status, ...sumOf(parts) } as const
  await insertCreditNote(rows, { ...whole, reason, origin: wish.origin, createdBy: wish.actor }, parts)
  return { ...note, offsetMinor }
}

type Posting = {
  readonly invoice: Invoice
  readonly lines: readonly InvoiceLine[]
  readonly parts: readonly CreditLine[]
  readonly note: Note
  readonly actor: string
}

/** P4: income and tax go down line by line, and the renter has credit. */
async function postCredit(rows: ScopedHandle, { invoice, lines, parts, note, actor }: Posting): Promise<void> {
  const about = {
    currency: invoice.currency,
    renterId: invoice.renterId,
    ...(invoice.leaseId && { leaseId: invoice.leaseId }),
  }
  const debits = parts.flatMap((part): Line[] => {
    const line = lines.find(({ lineNo }) => lineNo === part.invoiceLineNo)
    if (!line || line.kind === 'deposit') return []
    const income = {
      account: incomeOf[line.kind],
      amountMinor: part.netMinor,
      subjectId: `${invoice.id}:${line.lineNo}`,
    }
    const tags = { tax_rate_id: line.taxRateId ?? '' }
    return [
      { ...about, ...income },
      { ...about, account: 'tax_payable', amountMinor: part.taxMinor, subjectId: note.id, tags },
    ]
  })
  const { totalMinor } = sumOf(parts)
  const credit = { ...about, account: 'unapplied_credit_notes', amountMinor: -totalMinor, subjectId: note.id } as const
  await post(rows, {
    rule: 'P4',
    cause: { kind: 'credit_note', id: note.id, step: 'finalised' },
    effectiveOn: note.issueOn,
    actor,
    lines: [...debits, credit].filter(({ amountMinor }) => amountMinor !== 0n),
  })
}

/** P5 on its own invoice. A deposit is left alone: credit is not what a deposit is paid with (BIL-64). */
async function offset(rows: ScopedHandle, about: { invoice: Invoice; note: Note; actor: string }): Promise<void> {
  const { invoice, note, actor } = about
  const amountMinor = note.offsetMinor
  if (amountMinor === 0n) return
  const id = newId(rows.clock)
  await insertCreditApplication(rows, { id, creditNoteId: note.id, invoiceId: invoice.id, amountMinor })
  const { currency, renterId } = invoice
  await post(rows, {
    rule: 'P5',
    cause: { kind: 'credit_application', id, step: 'applied' },
    effectiveOn: note.issueOn,
    actor,
    lines: [
      { currency, renterId, account: 'unapplied_credit_notes', amountMinor, subjectId: note.id },
      { currency, renterId, account: 'receivable', amountMinor: -amountMinor, subjectId: invoice.id },
    ],
  })
  if (amountMinor < invoice.openMinor) return
  await updateStatus(rows, { id: invoice.id, status: 'paid' })
  await recordFact(rows, { name: 'invoice.paid', ids: { invoice: invoice.id, renter: renterId }, actor })
}
