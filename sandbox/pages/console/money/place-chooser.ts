/** Which account and mode a page about money shows; it stands in the address. */
import type { AccountView, Mode, Place } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { selectField } from '../../parts.ts'
import { accountChoices, modeChoices } from '../filters.ts'
import type { Visit } from '../visit.ts'

/** The account asked for, or the first that takes payments itself. */
export function chosenPlace({ stripe, query }: Visit): { account: AccountView; mode: Mode } | null {
  const accounts = stripe.accounts()
  const account =
    accounts.find(({ id }) => id === query.get('account')) ?? accounts.find(({ isPlatform }) => !isPlatform)
  if (account === undefined) return null
  // A connected account exists in one mode only.
  const asked = query.get('mode') === 'live' ? 'live' : 'test'
  return { account, mode: account.connectedTo?.mode ?? asked }
}

export function placeChooser({ stripe }: Visit, path: string, { account, mode }: Place): Markup {
  return markup`<form class="filters" method="get" action="${path}" aria-label="Choose an account">
    ${selectField({ name: 'account', label: 'Account', value: account, choices: accountChoices(stripe) })}
    ${selectField({ name: 'mode', label: 'Mode', value: mode, choices: modeChoices })}
    <button data-testid="sandbox-filter">Show</button>
  </form>`
}
