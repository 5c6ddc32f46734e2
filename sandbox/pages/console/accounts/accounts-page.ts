/** All accounts, those of platforms and those connected to one, and the form that makes another. */
import type { SandboxReply } from '../../../http.ts'
import type { AccountView } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { badge, dataTable, section, textField } from '../../parts.ts'
import { accountName } from '../badges.ts'
import { pressForm } from '../press-form.ts'
import { consoleReply } from '../visit.ts'
import type { ConsoleSandbox, Visit } from '../visit.ts'
import { textOf } from '../wire-object.ts'

const PATH = '/_sandbox/accounts'

export function accountsPage(visit: Visit): SandboxReply {
  const body = markup`<div class="stack wide-gap">
    <h1>Accounts</h1>
    ${accountTable(visit.stripe)}
    ${section('Add an account', newAccountForm(visit))}
  </div>`
  return consoleReply(visit, { title: 'Accounts', tab: 'accounts', body })
}

function accountTable(stripe: ConsoleSandbox): Markup {
  return dataTable({
    caption: 'Oldest first',
    columns: [
      { label: 'Account' },
      { label: 'Kind' },
      { label: 'Country' },
      { label: 'Currency' },
      { label: 'Charges' },
      { label: 'Payouts' },
    ],
    rows: stripe.accounts().map((account) => {
      const { id, name, country, defaultCurrency } = account
      return {
        testId: `sandbox-account-row-${id}`,
        cells: [
          markup`<a href="${PATH}/${id}">${name}</a> <span class="mono muted">${id}</span>`,
          kindOf(stripe, account),
          country,
          defaultCurrency.toUpperCase(),
          switchBadge(stripe, id, 'charges_enabled'),
          switchBadge(stripe, id, 'payouts_enabled'),
        ],
      }
    }),
  })
}

/** How the account belongs: a platform, one with keys of its own, or one connected to a platform. */
export function kindOf(stripe: ConsoleSandbox, { id, isPlatform, connectedTo }: AccountView): Insertable {
  if (connectedTo !== null) {
    const type = textOf(stripe.dashboard.findAccount(id)?.object ?? {}, 'type')
    return `Connected to ${accountName(stripe, connectedTo.platform)}, ${type}, ${connectedTo.mode} mode`
  }
  return isPlatform ? badge('Platform', 'grey') : 'Own keys'
}

function switchBadge(stripe: ConsoleSandbox, id: string, field: string): Markup {
  return stripe.dashboard.findAccount(id)?.object[field] === true ? badge('✓ On', 'green') : badge('✕ Off', 'red')
}

function newAccountForm({ notice }: Visit): Markup {
  const typed = (name: string): string => notice?.typed.get(name) ?? ''
  return pressForm(
    { twin: '/accounts', back: PATH, said: 'The account was added, with keys for both modes.' },
    markup`<div class="fields">
      ${textField({ id: 'account-name', name: 'text:name', label: 'Name', value: typed('text:name') })}
      ${textField({ id: 'account-country', name: 'text:country', label: 'Country', hint: 'Two letters, such as NZ', value: typed('text:country') || 'AU' })}
      ${textField({ id: 'account-currency', name: 'text:currency', label: 'Currency', hint: 'Three letters, such as nzd', value: typed('text:currency') || 'aud' })}
    </div>
    <p><button data-testid="sandbox-account-add">Add account</button></p>`,
  )
}
