/** What the account's owner can do about a payment by hand, and what banks and payers do to it on demand. */
import { failures } from '../../../stripe/debits/test-accounts.ts'
import type { Place, WireObject } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { section, selectField, textField } from '../../parts.ts'
import { ownerPress, pressButton, pressForm } from '../press-form.ts'
import { numberOf, textOf } from '../wire-object.ts'
import { disputeForm } from './dispute-panel.ts'
import { amount } from './object-cells.ts'

interface Payment {
  intent: WireObject
  charges: readonly WireObject[]
}

export function paymentDeeds(place: Place, payment: Payment): Markup | false {
  const deeds = [
    ...intentDeeds(place, payment.intent),
    ...payment.charges.flatMap((charge) => chargeDeeds(place, charge, pageOf(textOf(payment.intent, 'id')))),
  ]
  return deeds.length > 0 && section('By hand', markup`<div class="deeds">${deeds}</div>`, { testId: 'sandbox-deeds' })
}

const CANCELABLE = ['requires_payment_method', 'requires_capture', 'requires_confirmation', 'requires_action']

function intentDeeds(place: Place, intent: WireObject): Insertable[] {
  const id = textOf(intent, 'id')
  const status = textOf(intent, 'status')
  const press = (deed: 'capture' | 'cancel', said: string) =>
    ownerPress({ ...place, method: 'POST', path: `/v1/payment_intents/${id}/${deed}` }, { back: pageOf(id), said })
  return [
    status === 'requires_capture' &&
      pressButton(press('capture', 'The payment was captured.'), {
        label: `Capture ${amount(intent, 'amount_capturable')}`,
        testId: 'sandbox-capture',
        look: 'primary',
      }),
    CANCELABLE.includes(status) &&
      pressButton(press('cancel', 'The payment was canceled.'), { label: 'Cancel payment', testId: 'sandbox-cancel' }),
  ].filter((deed) => deed !== false)
}

function pageOf(intentId: string): string {
  return `/_sandbox/payments/${intentId}`
}

function chargeDeeds(place: Place, charge: WireObject, back: string): Insertable[] {
  return [refundForm(place, charge, back), debitForm(charge, back), disputeForm(charge, back)].filter(
    (form) => form !== null,
  )
}

/** The banks answer a debit now instead of in some days. Nothing where no debit is under way. */
function debitForm(charge: WireObject, back: string): Markup | null {
  if (textOf(charge, 'status') !== 'pending') return null
  const id = textOf(charge, 'id')
  const choices = ['succeeded', ...Object.keys(failures)].map((value) => ({
    value,
    label: value === 'succeeded' ? 'The money comes' : `Fails: ${value.replaceAll('_', ' ')}`,
  }))
  return pressForm(
    { twin: `/charges/${id}/debit`, back, said: 'The banks have answered.' },
    markup`${selectField({ name: 'text:outcome', id: `debit-${id}`, label: 'The banks answer now', value: 'succeeded', choices })}
    <button aria-label="Answer debit ${id}" data-testid="sandbox-debit-${id}">Answer</button>`,
    'filters',
  )
}

/** A refund by hand: the rest of the charge unless a smaller amount is typed. Nothing where nothing is left. */
export function refundForm(place: Place, charge: WireObject, back: string): Markup | null {
  const left = (numberOf(charge, 'amount_captured') ?? 0) - (numberOf(charge, 'amount_refunded') ?? 0)
  if (textOf(charge, 'status') !== 'succeeded' || left <= 0) return null
  const id = textOf(charge, 'id')
  const press = ownerPress(
    { ...place, method: 'POST', path: '/v1/refunds', parameters: { charge: id } },
    { back, said: 'The refund was made in the dashboard: no API call, only its events.' },
  )
  const field = textField({
    id: `refund-${id}`,
    name: 'number:parameters.amount',
    label: 'Refund in the dashboard',
    hint: `Smallest units of ${textOf(charge, 'currency').toUpperCase()}, at most ${left}`,
    value: String(left),
    isNumeric: true,
  })
  const button = markup`<button aria-label="Refund charge ${id}" data-testid="sandbox-refund-${id}">Refund</button>`
  return pressForm(press, [field, button], 'filters')
}
