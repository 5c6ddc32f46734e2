/** The accounts with the keys to paste into the product: test keys at hand, live keys behind one press. */
import type { AccountView, KeySet, Mode } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { badge, copyField, section } from '../../parts.ts'
import type { ConsoleSandbox } from '../visit.ts'

const KINDS = { publishable: 'Publishable key', secret: 'Secret key', restricted: 'Restricted key' } as const

export function accountCards(stripe: ConsoleSandbox): Markup {
  const cards = stripe
    .accounts()
    .filter(({ connectedTo }) => connectedTo === null)
    .map(accountCard)
  const link = markup`<a href="/_sandbox/accounts">All accounts and keys</a>`
  return section('Accounts and keys', markup`<div class="columns">${cards}</div>`, { link })
}

function accountCard(account: AccountView): Markup {
  const { id, name, country, defaultCurrency, isPlatform, keys } = account
  return markup`<section class="panel stack tight" aria-labelledby="${id}" data-testid="sandbox-account-${id}">
    <div>
      <div class="row"><h3 id="${id}"><a href="/_sandbox/accounts/${id}">${name}</a></h3>${isPlatform && badge('Platform', 'grey')}</div>
      <p class="muted small"><code>${id}</code> · ${country} · ${defaultCurrency.toUpperCase()}</p>
    </div>
    ${keyFields({ id, name, mode: 'test', keys: keys.test })}
    <details><summary>Live mode keys</summary>${keyFields({ id, name, mode: 'live', keys: keys.live })}</details>
  </section>`
}

interface KeyFields {
  id: string
  name: string
  mode: Mode
  keys: KeySet
}

/** The three keys of a mode; one that was revoked and not replaced is missing. */
export function keyFields({ id, name, mode, keys }: KeyFields): Markup {
  const fields = (['publishable', 'secret', 'restricted'] as const).map((kind) =>
    keys[kind] === ''
      ? markup`<p class="small muted">No active ${kind} key in ${mode} mode.</p>`
      : copyField({
          id: `${id}-${mode}-${kind}`,
          label: KINDS[kind],
          describes: `${name}, ${mode} mode`,
          value: keys[kind],
        }),
  )
  return markup`<div class="stack tight">${fields}</div>`
}
