/** Cash, cheque and transfers received outside Stripe (BIL-67, P10). More than the balance stays the renter's credit. */
import { noteAudit } from '#audit'
import { moneyText, publicId, compareDates, done, localDateAt, type Outcome } from '#kernel'
import { allocatePayment, findInvoice, lockInvoice, type Invoice } from '#billing'
import { holdRequestKey, newId, recordFact, type ScopedHandle } from '#platform'
import { getRenter } from '#renters'
import { getLocation } from '#spaces'
import { refuse, type PaymentRefusal } from './problems.ts'
import { idsOf, type Payment } from './payment.ts'
import { letLeaseBegin, postManualReceipt } from './post-payment.ts'
import { findOpenPayment, findPayment, findPaymentByRequestKey, insertPayment } from './store.ts'

export type ManualPayment = {
  readonly invoiceId: string
  /** Minor units of the invoice's currency. */
  readonly amountMinor: bigint
  readonly method: 'cash' | 'cheque' | 'bank_transfer' | 'other'
  readonly reference: string
  /** Local date at the location; today or earlier. */
  readonly receivedOn: string
  readonly requestKey: string
  readonly actor: string
  /** Told by Stripe and not asked for here: it was received, whatever the rules say, and stays credit where nothing is owed. */
  readonly isFact?: boolean
}

export async function recordPayment(
  rows: ScopedHandle,
  manual: ManualPayment,
): Promise<Outcome<{ paymentId: string }, PaymentRefusal>> {
  if (!(await findInvoice(rows, manual.invoiceId))) return refuse('invoice_not_open')
  const invoice = await lockInvoice(rows, manual.invoiceId)
  await holdRequestKey(rows, manual.requestKey)
  const before = await findPaymentByRequestKey(rows, manual.requestKey)
  if (before) return isOf(before, manual) ? done({ paymentId: before.id }) : refuse('request_key_reused')
  const { timeZone } = await getLocation(rows)
  const refusal = manual.isFact ? undefined : await judge(rows, { manual, invoice, timeZone })
  if (refusal) return refusal
  const id = newId(rows.clock)
  const { method, reference, receivedOn, requestKey, actor, amountMinor } = manual
  await insertPayment(rows, {
    id,
    renterId: invoice.renterId,
    invoiceId: invoice.id,
    method,
    methodLabel: methodWords[method],
    state: 'succeeded',
    amountMinor,
    currency: invoice.currency,
    reference,
    receivedOn,
    requestKey,
    requestedBy: actor,
  })
  const payment = (await findPayment(rows, id))!
  await postManualReceipt(rows, payment, actor)
  await recordFact(rows, { name: 'payment.recorded', ids: idsOf(payment), actor })
  const { renterId, currency } = invoice
  const money = {
    paymentId: id,
    invoiceId: invoice.id,
    renterId,
    amountMinor,
    currency,
    effectiveOn: receivedOn,
    actor,
  }
  const { isPaid } = await allocatePayment(rows, money)
  if (isPaid) await letLeaseBegin(rows, invoice)
  noteAudit(rows, {
    action: 'payment.recorded',
    object: { kind: 'payment', id: publicId('payment', id) },
    after: {
      invoice: publicId('invoice', invoice.id),
      amount: moneyText({ amountMinor, currency }),
      method,
      receivedOn,
    },
  })
  return done({ paymentId: id })
}

/** A form keeps its key while it is corrected; what was accepted before the correction is not what is asked for now (UI-36). */
function isOf(before: Payment, manual: ManualPayment): boolean {
  const typed = ['amountMinor', 'method', 'reference', 'receivedOn'] as const
  const isAsTyped = typed.every((field) => before[field] === manual[field])
  return before.invoiceId === manual.invoiceId && (isAsTyped || manual.isFact === true)
}

type Asked = { readonly manual: ManualPayment; readonly invoice: Invoice; readonly timeZone: string }

async function judge(rows: ScopedHandle, { manual, invoice, timeZone }: Asked) {
  if (invoice.status !== 'open' || invoice.openMinor <= 0n) return refuse('invoice_not_open')
  const renter = await getRenter(rows, invoice.renterId)
  if (!renter.manualPaymentsAllowed) return refuse('manual_not_allowed')
  if (manual.amountMinor <= 0n) return refuse('amount_not_positive', '/amount')
  if (compareDates(manual.receivedOn, localDateAt(rows.clock.now(), timeZone)) > 0)
    return refuse('received_in_future', '/receivedOn')
  return (await findOpenPayment(rows, invoice.id)) ? refuse('payment_running') : undefined
}

const methodWords = { cash: 'Cash', cheque: 'Cheque', bank_transfer: 'Bank transfer', other: 'Other' } as const
