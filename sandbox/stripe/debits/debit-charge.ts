/** The charge of a bank debit: it is pending while the banks work, and succeeds or fails days later. */
import type Stripe from 'stripe'
import { buildCharge, settle } from '../money/charge.ts'
import { emit } from '../objects/event.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { isDebitType } from './debit-types.ts'

interface DebitAttempt {
  readonly intent: Row<'payment_intent'>
  readonly method: Row<'payment_method'>
  readonly mandate: string
  /** Milliseconds. */
  readonly dueAt: number
}

const outcome: Stripe.Charge.Outcome = {
  advice_code: null,
  network_advice_code: null,
  network_decline_code: null,
  network_status: 'approved_by_network',
  reason: null,
  risk_level: 'not_assessed',
  seller_message: 'Payment complete.',
  type: 'authorized',
}

/** Writes the pending charge and tells of it. */
export function openDebitCharge(space: Space, attempt: DebitAttempt): Row<'charge'> {
  const { intent, method } = attempt
  const id = space.world.ids.id('py')
  const object = buildCharge(space, id, {
    intent,
    method,
    status: 'pending',
    failure: null,
    isCaptured: true,
    details: describeAccount(attempt),
    outcome,
  })
  const row = space.insert('charge', id, { object, hidden: { card: null } })
  emit(space, { type: 'charge.pending', object: row.object })
  return row
}

export function succeedDebitCharge(space: Space, id: string): Row<'charge'> {
  const { amount } = space.get('charge', id).object
  settle(space, id, amount)
  const receipt = `${space.world.publicUrl}/receipts/${id}`
  const row = space.update('charge', id, { object: { status: 'succeeded', paid: true, receipt_url: receipt } })
  emit(space, { type: 'charge.succeeded', object: row.object })
  return row
}

/** `failure` is the bank's, or the merchant's own when the payment was canceled in time. */
export function failDebitCharge(space: Space, id: string, failure: { code: string; message: string }): Row<'charge'> {
  const row = space.update('charge', id, {
    object: {
      status: 'failed',
      paid: false,
      captured: false,
      amount_captured: 0,
      failure_code: failure.code,
      failure_message: failure.message,
      outcome: {
        ...outcome,
        network_status: 'declined_by_network',
        reason: failure.code,
        seller_message: 'The bank returned the debit.',
        type: 'issuer_declined',
      },
    },
  })
  emit(space, { type: 'charge.failed', object: row.object })
  return row
}

/** The bank account as the charge shows it; what only a method shows is left out. */
function describeAccount({ method, mandate, dueAt }: DebitAttempt): Stripe.Charge.PaymentMethodDetails {
  const { type, us_bank_account: us, sepa_debit: sepa, nz_bank_account: nz, payto } = method.object
  if (!isDebitType(type)) throw new Error(`${method.id} is no bank account.`)
  const expected = { expected_debit_date: new Date(dueAt).toISOString().slice(0, 10) }
  if (us !== undefined) {
    const { financial_connections_account: _account, networks: _networks, status_details: _status, ...shown } = us
    return { type, us_bank_account: { ...shown, ...expected, mandate, payment_reference: null } }
  }
  if (sepa !== undefined) {
    const { generated_from: _origin, ...shown } = sepa
    return { type, sepa_debit: { ...shown, ...expected, mandate } }
  }
  if (nz !== undefined) return { type, nz_bank_account: { ...nz, ...expected } }
  if (payto !== undefined) return { type, payto: { ...payto, mandate } }
  return { type, [type]: { ...method.object[type], ...expected, mandate } }
}
