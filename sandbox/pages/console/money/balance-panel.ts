/** What an account has, in each currency, and the form that adds to it (SBX-23). */
import { moneyText } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { figures, section, selectField, textField } from '../../parts.ts'
import { pressForm } from '../press-form.ts'
import type { MoneyPanel } from './payout-panel.ts'

/** An account without any money shows nothing of its own currency. */
export function balancePanel({ stripe, place }: MoneyPanel, defaultCurrency: string): Markup {
  const found = stripe.dashboard.readBalance(place)
  const balances = found.length > 0 ? found : [{ currency: defaultCurrency, availableMinor: 0, pendingMinor: 0 }]
  return section(
    'Balance',
    figures(
      balances.flatMap(({ currency, availableMinor, pendingMinor }) => [
        { label: 'Available', value: moneyText(availableMinor, currency), testId: `sandbox-available-${currency}` },
        { label: 'Pending', value: moneyText(pendingMinor, currency), testId: `sandbox-pending-${currency}` },
      ]),
    ),
  )
}

export function topUpForm({ place, back }: MoneyPanel, defaultCurrency: string): Markup {
  const currencies = [defaultCurrency, 'aud', 'nzd', 'usd', 'eur', 'gbp', 'jpy']
  const choices = [...new Set(currencies)].map((currency) => ({ value: currency, label: currency.toUpperCase() }))
  return pressForm(
    { twin: '/funds', json: { ...place }, back, said: 'The money is available now.' },
    markup`${textField({ id: 'topup-amount', name: 'number:amountMinor', label: 'Top up', hint: 'Smallest units: 10000 is 100.00', value: '10000', isNumeric: true })}
    ${selectField({ name: 'text:currency', id: 'topup-currency', label: 'Currency', value: defaultCurrency, choices })}
    <button data-testid="sandbox-topup">Add available money</button>`,
    'filters',
  )
}
