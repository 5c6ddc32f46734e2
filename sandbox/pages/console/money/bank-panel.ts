/** Bank accounts that money is paid out to, and the form that puts another in the place of one (SBX-25). */
import { failingBankNumbers } from '../../../stripe/payouts/facts.ts'
import { bankGrammarOf } from '../../../stripe/connect/facts.ts'
import type { WireObject } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { section, selectField } from '../../parts.ts'
import { objectState } from '../badges.ts'
import { pressForm } from '../press-form.ts'
import { textOf } from '../wire-object.ts'
import { dataTable } from '../../parts.ts'
import type { MoneyPanel } from './payout-panel.ts'

export function bankPanel(panel: MoneyPanel): Markup {
  const banks = panel.stripe.dashboard.listObjects(panel.place, 'external_account', { limit: 20 })
  const table = dataTable({
    caption: 'One for each currency; an errored one gets no payouts until it is replaced',
    columns: [{ label: 'Bank account' }, { label: 'Currency' }, { label: 'Status' }, { label: 'Replace' }],
    rows: banks.map((bank) => ({
      testId: `sandbox-bank-${textOf(bank, 'id')}`,
      cells: [
        markup`${textOf(bank, 'bank_name')} ending ${textOf(bank, 'last4')} <code>${textOf(bank, 'id')}</code>`,
        textOf(bank, 'currency').toUpperCase(),
        objectState(bank),
        replaceForm(panel, bank),
      ],
    })),
  })
  return section(
    'Bank accounts',
    banks.length > 0 ? table : markup`<p class="muted">No bank account: nothing can be paid out.</p>`,
    {
      testId: 'sandbox-banks',
    },
  )
}

/** Test numbers only: what becomes of payouts is decided by the number's last nine digits. */
function replaceForm({ place, back }: MoneyPanel, bank: WireObject): Markup {
  const id = textOf(bank, 'id')
  const { testNumber, testRouting } = bankGrammarOf(textOf(bank, 'country'))
  const choices = [
    { value: testNumber, label: `${testNumber}: payouts arrive` },
    ...Object.entries(failingBankNumbers).map(([digits, code]) => {
      const number = testNumber.length > 9 ? testNumber.slice(0, -9) + digits : digits
      return { value: number, label: `${number}: ${code.replaceAll('_', ' ')}` }
    }),
  ]
  const json = {
    mode: place.mode,
    currency: textOf(bank, 'currency'),
    ...(testRouting !== null && { routingNumber: testRouting }),
  }
  return markup`<details><summary>Replace</summary>${pressForm(
    { twin: `/accounts/${place.account}/bank`, json, back, said: 'The bank account was replaced.' },
    markup`${selectField({ name: 'text:accountNumber', id: `number-${id}`, label: 'Account number', value: testNumber, choices })}
    <button aria-label="Replace bank account ending ${textOf(bank, 'last4')}" data-testid="sandbox-bank-replace-${id}">Replace</button>`,
    'filters wide-fields',
  )}</details>`
}
