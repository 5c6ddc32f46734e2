/**
 * The bank debits of the hosted Checkout page: one closed section for each kind, with its test accounts to choose from and
 * the text of the mandate above the button. No account number is ever typed (SBX-3).
 */
import type { CheckoutView, DebitFields, DebitTab } from '../stripe/index.ts'
import { markup } from './markup.ts'
import type { Markup } from './markup.ts'

export function debitTabs(session: CheckoutView, form: { action: string; label: string }): Markup | false {
  const tabs = session.debits.map((tab) => debitTab(session, tab, form))
  return tabs.length > 0 && markup`<div class="stack tight"><h2>Bank account</h2>${tabs}</div>`
}

function debitTab(session: CheckoutView, tab: DebitTab, { action, label }: { action: string; label: string }): Markup {
  const id = (name: string) => `${tab.type}-${name}`
  const accounts = tab.accounts.map(
    ({ number, behaviour }) => markup`<option value="${number}">${number} · ${behaviour}</option>`,
  )
  return markup`<details data-testid="sandbox-debit-${tab.type}">
    <summary>${tab.name}</summary>
    <form class="stack" method="post" action="${action}" data-once>
      <input type="hidden" name="debit" value="${tab.type}">
      ${session.email === null && textInput({ id: id('email'), name: 'email', label: 'E-mail', type: 'email' })}
      ${textInput({ id: id('holder'), name: 'holder', label: 'Name on the account', type: 'text' })}
      ${tab.asksAddress && textInput({ id: id('address'), name: 'address', label: 'Address', type: 'text' })}
      <div class="field">
        <label for="${id('account')}">Test account</label>
        <select id="${id('account')}" name="account" data-testid="sandbox-debit-account-${tab.type}">${accounts}</select>
      </div>
      ${tab.offersDeposits && depositBox(id('deposits'))}
      <p class="muted" data-testid="sandbox-mandate-${tab.type}">${tab.mandateText}</p>
      <button class="full" type="submit" data-testid="sandbox-debit-pay-${tab.type}">${label} by ${tab.name}</button>
    </form>
  </details>`
}

function textInput(field: { id: string; name: string; label: string; type: 'text' | 'email' }): Markup {
  const { id, name, label, type } = field
  return markup`<div class="field">
    <label for="${id}">${label}</label>
    <input id="${id}" name="${name}" type="${type}" required data-testid="sandbox-debit-${id}">
  </div>`
}

function depositBox(id: string): Markup {
  return markup`<label class="check" for="${id}">
    <input type="checkbox" id="${id}" name="deposits" value="yes" data-testid="sandbox-debit-deposits">
    <span>Verify by two small deposits in some days. In this sandbox they are 32 and 45.</span>
  </label>`
}

/** What was sent from one of the sections; null when the card form or a saved method was sent. */
export function readDebit(form: URLSearchParams): DebitFields | null {
  const type = form.get('debit')
  if (type === null) return null
  const field = (name: string) => (form.get(name) ?? '').trim().slice(0, 200)
  return {
    type,
    account: field('account'),
    holder: field('holder'),
    address: field('address'),
    verifiesByDeposits: form.get('deposits') === 'yes',
  }
}
