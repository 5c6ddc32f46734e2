/** Eight sets of keys that must be refused, and the good one, to be copied field by field (SBX-95). */
import type { SandboxReply } from '../../../http.ts'
import type { AccountView, Mode } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { copyField } from '../../parts.ts'
import { consoleReply, unknownReply } from '../visit.ts'
import type { Visit } from '../visit.ts'

interface KeyPair {
  readonly title: string
  readonly publishable: string
  readonly secret: string
  /** Given where the set is about a connected account. */
  readonly account?: string
}

export function wrongKeysPage(visit: Visit): SandboxReply {
  const { stripe } = visit
  const provoked = stripe.troubles.list().find(({ name }) => name === 'wrong_keys')?.provoked ?? null
  const account = stripe.accounts().find(({ id }) => id === provoked?.account)
  if (provoked === null || account === undefined) {
    return unknownReply(visit, {
      tab: 'faults',
      title: 'No wrong keys were made yet',
      text: 'Provoke "Unable to verify credentials" under Faults first.',
    })
  }
  const other = stripe.accounts().find(({ id, connectedTo }) => id !== account.id && connectedTo === null) ?? account
  const sets = wrongSets({ account, other, mode: provoked.mode, kept: provoked.kept })
  const body = markup`<div class="stack wide-gap">
    <div class="stack"><p><a href="/_sandbox/faults#troubles">All faults</a></p><h1>Wrong sets of keys</h1>
      <p class="muted">Paste each into the product under Integrations. Every one is refused with a text of its own; the last is good.</p></div>
    <ol class="columns plain-list">${sets.map(setPart)}</ol>
  </div>`
  return consoleReply(visit, { title: 'Wrong sets of keys', tab: 'faults', body })
}

interface Ingredients {
  readonly account: AccountView
  readonly other: AccountView
  readonly mode: Mode
  readonly kept: Readonly<Record<string, unknown>>
}

function wrongSets({ account, other, mode, kept }: Ingredients): readonly KeyPair[] {
  const { publishable, secret } = account.keys[mode]
  const otherMode = account.keys[mode === 'test' ? 'live' : 'test']
  return [
    { title: 'Secret key cut short', publishable, secret: secret.slice(0, -8) },
    { title: 'Modes mixed', publishable, secret: otherMode.secret },
    { title: 'Keys swapped', publishable: secret, secret: publishable },
    { title: 'Publishable key of another account', publishable: other.keys[mode].publishable, secret },
    { title: 'Revoked secret key', publishable, secret: String(kept['revoked']) },
    { title: 'Permissions missing', publishable, secret: String(kept['thin']) },
    { title: 'Organisation key', publishable, secret: secret.replace(/^sk_/, 'sk_org_') },
    { title: 'Account of somebody else', publishable, secret, account: other.id },
    { title: 'The good set', publishable, secret },
  ]
}

function setPart({ title, publishable, secret, account }: KeyPair, place: number): Markup {
  const field = (kind: string, label: string, value: string) =>
    copyField({ id: `set-${place}-${kind}`, label, describes: title, value })
  return markup`<li class="panel stack tight" data-testid="sandbox-key-set-${place}">
    <h2>${title}</h2>
    ${field('publishable', 'Publishable key', publishable)}
    ${field('secret', 'Secret key', secret)}
    ${account !== undefined && field('account', 'Account', account)}
  </li>`
}
