/** Payouts of an account: what becomes of each, what a bank may do with it, and one made by hand (SBX-24, SBX-25). */
import type { Place, WireObject } from '../../../stripe/index.ts'
import { payoutFailures } from '../../../stripe/payouts/facts.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { badge, dataTable, section, selectField, textField } from '../../parts.ts'
import { objectState } from '../badges.ts'
import { ownerPress, pressButton, pressForm } from '../press-form.ts'
import type { ConsoleSandbox } from '../visit.ts'
import { numberOf, textOf } from '../wire-object.ts'
import { amount, madeAt, secondsAt } from './object-cells.ts'

export interface MoneyPanel {
  readonly stripe: ConsoleSandbox
  readonly place: Place
  /** The page its buttons come back to. */
  readonly back: string
}

const SHOWN = 50
const CODES = Object.keys(payoutFailures).map((code) => ({ value: code, label: code.replaceAll('_', ' ') }))
const DELAYS = [
  { value: '0', label: 'Now' },
  ...[1, 2, 3, 4, 5].map((days) => ({
    value: String(days),
    label: `${days} business ${days === 1 ? 'day' : 'days'} after arrival`,
  })),
]

export function payoutPanel(panel: MoneyPanel): Markup {
  const payouts = panel.stripe.dashboard.listObjects(panel.place, 'payout', { limit: SHOWN })
  const table = dataTable({
    caption: 'Newest first',
    columns: [
      { label: 'Made', kind: 'nowrap' },
      { label: 'Payout' },
      { label: 'Status' },
      { label: 'Arrives', kind: 'nowrap' },
      { label: 'What the bank does' },
    ],
    rows: payouts.map((payout) => ({
      testId: `sandbox-payout-${textOf(payout, 'id')}`,
      cells: [
        madeAt(payout),
        markup`${amount(payout)} <span class="muted">${payout['automatic'] === true ? 'automatic' : 'by hand'}</span><br><code>${textOf(payout, 'id')}</code>`,
        statusCell(payout),
        secondsAt(numberOf(payout, 'arrival_date')),
        deeds(panel, payout),
      ],
    })),
  })
  const none = markup`<p class="muted">No payouts yet. Available money is paid out at 00:00 UTC of a scheduled day.</p>`
  return section('Payouts', payouts.length > 0 ? table : none, { testId: 'sandbox-payouts' })
}

function statusCell(payout: WireObject): Insertable {
  const reconciliation = textOf(payout, 'reconciliation_status')
  return markup`${objectState(payout)}<div class="hint">${textOf(payout, 'failure_message')}</div>${reconciliation !== 'not_applicable' && markup`<div class="hint">Reconciliation ${reconciliation.replaceAll('_', ' ')}</div>`}`
}

function deeds({ back }: MoneyPanel, payout: WireObject): Insertable {
  const id = textOf(payout, 'id')
  const status = textOf(payout, 'status')
  const isOnItsWay = status === 'pending' || status === 'in_transit'
  if (!isOnItsWay && status !== 'paid') return markup`<span class="muted">Nothing more</span>`
  const cancel =
    isOnItsWay &&
    pressButton(
      { twin: `/payouts/${id}/cancel`, back, said: 'The payout was canceled; its money is back in the balance.' },
      { label: 'Cancel', describes: `payout ${id}`, testId: `sandbox-payout-cancel-${id}` },
    )
  const fail = pressForm(
    { twin: `/payouts/${id}/fail`, back, said: 'The bank sends the payout back.' },
    markup`${selectField({ name: 'text:code', id: `code-${id}`, label: 'Reason', value: 'no_account', choices: CODES })}
    ${selectField({ name: 'number:laterDays', id: `later-${id}`, label: 'When', value: '0', choices: DELAYS })}
    <button aria-label="Fail payout ${id}" data-testid="sandbox-payout-fail-${id}">Fail</button>`,
    'filters',
  )
  return markup`<div class="stack tight">${cancel}<details><summary>Let it fail</summary>${fail}</details></div>`
}

/** A payout by hand takes the smallest units, as the API does. */
export function payoutForm({ place, back }: MoneyPanel, currency: string): Markup {
  const press = ownerPress({ ...place, path: '/v1/payouts' }, { back, said: 'The payout was made.' })
  return pressForm(
    press,
    markup`${textField({ id: 'payout-amount', name: 'number:parameters.amount', label: 'Pay out by hand', hint: 'Smallest units: 10000 is 100.00', isNumeric: true })}
    ${textField({ id: 'payout-currency', name: 'text:parameters.currency', label: 'Currency', value: currency })}
    <button data-testid="sandbox-payout-make">Pay out</button>`,
    'filters',
  )
}

const INTERVALS = ['daily', 'weekly', 'monthly', 'manual'].map((interval) => ({ value: interval, label: interval }))
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'].map((day) => ({ value: day, label: day }))

/** When payouts happen by themselves. One form per interval, because each asks for something else. */
export function schedulePanel({ stripe, place, back }: MoneyPanel): Markup {
  const settings = stripe.dashboard.act({ ...place, method: 'GET', path: '/v1/balance_settings' }).body
  const payments = settings['payments'] as
    | { payouts?: { schedule?: { interval?: string }; status?: string } }
    | undefined
  const interval = payments?.payouts?.schedule?.interval ?? 'manual'
  const at = 'parameters.payments.payouts.schedule'
  const act = (name: string, json: object = {}) =>
    ownerPress(
      {
        ...place,
        path: '/v1/balance_settings',
        parameters: { payments: { payouts: { schedule: { interval: name, ...json } } } },
      },
      { back, said: `Payouts are ${name} now.` },
    )
  const simple = INTERVALS.filter(({ value }) => value === 'daily' || value === 'manual').map(({ value }) =>
    pressButton(act(value), { label: value === 'daily' ? 'Daily' : 'Manual', testId: `sandbox-schedule-${value}` }),
  )
  const weekly = pressForm(
    act('weekly'),
    markup`${selectField({ name: `list:${at}.weekly_payout_days`, id: 'schedule-day', label: 'Weekly on', value: 'monday', choices: WEEKDAYS })}<button data-testid="sandbox-schedule-weekly">Weekly</button>`,
    'filters',
  )
  const monthly = pressForm(
    act('monthly'),
    markup`${textField({ id: 'schedule-date', name: `list:${at}.monthly_payout_days`, label: 'Monthly on day', value: '1', isNumeric: true })}<button data-testid="sandbox-schedule-monthly">Monthly</button>`,
    'filters',
  )
  return section(
    'Payout schedule',
    markup`<div class="row" data-testid="sandbox-schedule">Now ${badge(interval, 'grey')}</div><div class="deeds">${simple}${weekly}${monthly}</div>`,
  )
}
