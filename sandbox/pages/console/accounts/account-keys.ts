/** Keys of an account: what each is good for, and the buttons that revoke, expire, restore or roll it (SBX-7). */
import type { AccountView, KeyView } from '../../../stripe/index.ts'
import { countText } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { copyField, dataTable, section } from '../../parts.ts'
import { stateBadge } from '../badges.ts'
import { pressButton } from '../press-form.ts'
import type { Visit } from '../visit.ts'
import { restrictedKeyForm } from './restricted-key-form.ts'

export function keysPart(visit: Visit, account: AccountView): Markup {
  const keys = visit.stripe.dashboard.listKeys(account.id)
  const parts = (['test', 'live'] as const).map((mode) =>
    keyTable(account, {
      title: `${mode === 'test' ? 'Test' : 'Live'} keys`,
      keys: keys.filter((key) => key.mode === mode),
    }),
  )
  return section('Keys', markup`<div class="stack">${parts}${restrictedKeyForm(visit, account)}</div>`, { id: 'keys' })
}

function keyTable(account: AccountView, { title, keys }: { title: string; keys: readonly KeyView[] }): Markup {
  return dataTable({
    caption: title,
    columns: [{ label: 'Kind' }, { label: 'Key' }, { label: 'State' }, { label: 'May' }, { label: 'Change' }],
    rows: keys.map((key) => ({
      testId: `sandbox-key-${key.key}`,
      cells: [
        capitalize(key.kind),
        copyField({ id: key.key, label: `${capitalize(key.kind)} key`, value: key.key, isCompact: true }),
        stateBadge(key.state),
        permissions(key),
        markup`<div class="row">${deeds(account, key)}</div>`,
      ],
    })),
  })
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function permissions({ kind, permissions: names }: KeyView): Insertable {
  if (kind !== 'restricted')
    return markup`<span class="muted">${kind === 'secret' ? 'Everything' : 'What a browser may'}</span>`
  const list = names.toSorted().map((name) => markup`<li><code>${name}</code></li>`)
  return markup`<details><summary>${countText(names.length, ['permission', 'permissions'])}</summary><ul>${list}</ul></details>`
}

function deeds({ id }: AccountView, { key, state, kind }: KeyView): Insertable {
  const button = (deed: string, label: string, said: string) =>
    pressButton(
      { twin: `/keys/${key}/${deed}`, back: `/_sandbox/accounts/${id}#keys`, said },
      {
        label,
        describes: `${kind} key ending ${key.slice(-4)}`,
        testId: `sandbox-key-${deed}-${key}`,
        ...(deed === 'revoke' && { look: 'danger' as const }),
      },
    )
  if (state !== 'active') return button('restore', 'Restore', 'The key works again.')
  return [
    button('roll', 'Roll', 'A new key was made and the old one has expired.'),
    button('expire', 'Expire', 'The key has expired: calls with it answer 401 api_key_expired.'),
    button('revoke', 'Revoke', 'The key is revoked: calls with it answer 401.'),
  ]
}
