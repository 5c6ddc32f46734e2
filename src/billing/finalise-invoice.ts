/**
 * A draft becomes a document (BIL-53): numbered without a gap, with the seller and the buyer as they are today, and posted (P1), in one
 * transaction. Afterwards it does not change. One that comes to zero is paid at once (BIL-46).
 */
import { assert, type Uuid } from '#kernel'
import { post, type Line } from '#ledger'
import { getCompany, type Company } from '#operators'
import { recordFact, type ScopedHandle } from '#platform'
import { getRenter, type Renter } from '#renters'
import { judgeAction } from './invoice-state.ts'
import { incomeOf, type Invoice, type InvoiceLine, type Party } from './invoice.ts'
import { bucketOf, seriesOf, writeNumber } from './numbering.ts'
import { findDepositOfInvoice, listInvoiceLines, lockInvoice, takeSeq, updateFinalised, updateStatus } from './store.ts'

/** @returns the finalised invoice. @throws when it is no draft, or when its lines do not come to its total. */
export async function finaliseInvoice(
  rows: ScopedHandle,
  wish: { readonly invoiceId: Uuid; readonly actor: string },
): Promise<Invoice> {
  const draft = await lockInvoice(rows, wish.invoiceId)
  const fault = judgeAction(draft.status, 'finalise')
  assert(fault === undefined, `invoice ${draft.id} is finalised twice: ${fault}`)
  const series = seriesOf('invoice', rows.scope.mode)
  const numberSeq = await takeSeq(rows, 'invoice', bucketOf(series, draft.issueOn))
  const number = writeNumber(series, { seq: numberSeq, issuedOn: draft.issueOn })
  const seller = toSeller(await getCompany(rows))
  const buyer = toBuyer(await getRenter(rows, draft.renterId))
  await updateFinalised(rows, { id: draft.id, number, numberSeq, seller, buyer })
  await postFinalised(rows, draft, wish.actor)
  const ids = { invoice: draft.id, renter: draft.renterId, ...(draft.leaseId && { lease: draft.leaseId }) }
  await recordFact(rows, { name: 'invoice.finalised', ids, actor: wish.actor })
  if (draft.totalMinor === 0n) {
    await updateStatus(rows, { id: draft.id, status: 'paid' })
    await recordFact(rows, { name: 'invoice.paid', ids, actor: wish.actor })
  }
  return lockInvoice(rows, draft.id)
}

/** P1. Lines of zero are left out; a document of zeros posts nothing. */
async function postFinalised(rows: ScopedHandle, draft: Invoice, actor: string): Promise<void> {
  const lines = await listInvoiceLines(rows, draft.id)
  const total = lines.reduce((sum, line) => sum + line.totalMinor, 0n)
  assert(total === draft.totalMinor, `the lines of invoice ${draft.id} come to ${total}, not to ${draft.totalMinor}`)
  const deposit = await findDepositOfInvoice(rows, draft.id)
  const entryLines = [
    { ...about(draft), account: 'receivable', amountMinor: draft.totalMinor, subjectId: draft.id } as const,
    ...lines.flatMap((line) => linesOf({ draft, line, depositId: deposit?.id })),
  ].filter((line) => line.amountMinor !== 0n)
  if (entryLines.length === 0) return
  await post(rows, {
    rule: 'P1',
    cause: { kind: 'invoice', id: draft.id, step: 'finalised' },
    effectiveOn: draft.issueOn,
    actor,
    lines: entryLines,
  })
}

function about(draft: Invoice) {
  return { currency: draft.currency, renterId: draft.renterId, ...(draft.leaseId && { leaseId: draft.leaseId }) }
}

function linesOf(part: { draft: Invoice; line: InvoiceLine; depositId: Uuid | undefined }): Line[] {
  const { draft, line, depositId } = part
  if (line.kind === 'deposit') {
    assert(depositId !== undefined, `invoice ${draft.id} charges a deposit that does not exist`)
    return [{ ...about(draft), account: 'deposits_charged', amountMinor: -line.totalMinor, subjectId: depositId }]
  }
  const tags = { tax_rate_id: line.taxRateId ?? '' }
  return [
    {
      ...about(draft),
      account: incomeOf[line.kind],
      amountMinor: -line.netMinor,
      subjectId: `${draft.id}:${line.lineNo}`,
    },
    { ...about(draft), account: 'tax_payable', amountMinor: -line.taxMinor, subjectId: draft.id, tags },
  ]
}

function toSeller(company: Company): Party {
  return {
    name: company.legalName || company.name,
    email: company.contactEmail,
    phone: company.phone,
    address: company.address,
    taxNumber: company.taxNumber,
  }
}

function toBuyer(renter: Renter): Party {
  return {
    name: renter.name,
    businessName: renter.businessName,
    email: renter.email,
    phone: renter.phone,
    address: renter.billingAddress,
    taxNumber: renter.taxNumber,
  }
}
