/** One account: its keys in both modes, what Stripe thinks of it, its settings here, and its object as the API tells it. */
import type { SandboxReply } from '../../../http.ts'
import type { AccountView, WireObject } from '../../../stripe/index.ts'
import { instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { section, selectField } from '../../parts.ts'
import { pressForm } from '../press-form.ts'
import { consoleReply, unknownReply } from '../visit.ts'
import type { ConsoleSandbox, Visit } from '../visit.ts'
import { listOf, numberOf, recordOf } from '../wire-object.ts'
import { keysPart } from './account-keys.ts'
import { connectedPart } from './connected-part.ts'
import { kindOf } from './accounts-page.ts'
import { stateBadge } from '../badges.ts'

export function accountPage(visit: Visit): SandboxReply {
  const { stripe, params } = visit
  const id = params['id'] ?? ''
  const account = stripe.accounts().find((one) => one.id === id)
  const record = stripe.dashboard.findAccount(id)
  if (account === undefined || record === null) {
    return unknownReply(visit, {
      tab: 'accounts',
      title: 'There is no such account',
      text: 'It left, or the sandbox was reset.',
    })
  }
  const body = markup`<article class="stack wide-gap" data-testid="sandbox-account">
    <div class="stack">
      <p><a href="/_sandbox/accounts">All accounts</a></p>
      <h1>${account.name}</h1>
      ${facts(stripe, account, record.object)}
    </div>
    ${account.connectedTo === null ? keysPart(visit, account) : connectedPart(account)}
    ${section('Settings of the sandbox', settingsForm(account, record.settings))}
    ${section('Object', markup`<details><summary>As the API answers it</summary><pre>${JSON.stringify(record.object, null, 2)}</pre></details>`)}
  </article>`
  return consoleReply(visit, { title: account.name, tab: 'accounts', body })
}

function facts(stripe: ConsoleSandbox, account: AccountView, object: WireObject): Markup {
  const { id, country, defaultCurrency } = account
  const requirements = recordOf(object, 'requirements')
  const row = (label: string, value: Insertable) =>
    value !== null && value !== '' && markup`<dt>${label}</dt><dd>${value}</dd>`
  const due = (field: string) => listOf(requirements, field).join(', ')
  const reason = requirements['disabled_reason']
  return markup`<dl class="facts">
    ${row('Account', markup`<code>${id}</code>`)}
    ${row('Kind', kindOf(stripe, account))}
    ${row('Country and currency', `${country}, ${defaultCurrency.toUpperCase()}`)}
    ${row('Made', instant(new Date((numberOf(object, 'created') ?? 0) * 1000)))}
    ${row('Charges', object['charges_enabled'] === true ? 'On' : 'Off')}
    ${row('Payouts', object['payouts_enabled'] === true ? 'On' : 'Off')}
    ${row('Details submitted', object['details_submitted'] === true ? 'Yes' : 'No')}
    ${row('Capabilities', capabilities(object))}
    ${row('Disabled because', typeof reason === 'string' ? reason : '')}
    ${row('Due now', due('currently_due'))}
    ${row('Past due', due('past_due'))}
    ${row('Due later', due('eventually_due'))}
    ${row('Being checked', due('pending_verification'))}
    ${row('See', markup`<a href="/_sandbox/payments?account=${id}">Payments</a> · <a href="/_sandbox/balance?account=${id}">Balance and payouts</a> · <a href="/_sandbox/events?account=${id}">Events</a> · <a href="/_sandbox/requests?account=${id}">Requests</a> · <a href="/_sandbox/endpoints?account=${id}">Endpoints</a>`)}
  </dl>`
}

function capabilities(object: WireObject): Insertable {
  const entries = Object.entries(recordOf(object, 'capabilities'))
  return entries.map(
    ([name, state]) => markup`<span class="pair-text"><code>${name}</code> ${stateBadge(String(state))}</span> `,
  )
}

const POLICIES = [
  { value: 'pend', label: 'Wait for funds (pending)' },
  { value: 'reject', label: 'Refuse: balance_insufficient' },
  { value: 'overdraw', label: 'Go below zero' },
]

function settingsForm({ id }: AccountView, settings: WireObject): Markup {
  const back = `/_sandbox/accounts/${id}`
  return pressForm(
    { twin: '/settings', json: { account: id }, back, said: 'The setting is saved.' },
    markup`${selectField({ name: 'text:refundWithoutFunds', id: 'refund-policy', label: 'A refund larger than the available balance', value: String(settings['refundWithoutFunds']), choices: POLICIES })}
    <button data-testid="sandbox-settings-save">Save setting</button>`,
    'filters',
  )
}
