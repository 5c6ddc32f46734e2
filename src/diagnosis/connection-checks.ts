/** D1 and D3: whether Stripe accepts the key, and whether it answers and lets the account charge (STR-110, STR-112). Pure. */
import { inactiveAccountSentence } from '#connections'

import { at, cannotTell, counted, found, ok, type Evidence, type Finding } from './finding.ts'
import type { Ask, AskedRow, OwnKnown } from './known.ts'

const replaceKeys = { label: 'Replace keys', link: { to: 'integrations' } } as const
const openKeys = { label: 'Open API keys in Stripe', link: { to: 'stripe_keys' } } as const
const testAgain = { label: 'Test again', deed: 'test_again' } as const
const openStripe = { label: 'Open Stripe', link: { to: 'stripe_account' } } as const

function failingRow(ask: Ask | undefined, ...wanted: readonly string[]): AskedRow | undefined {
  return ask?.rows.find(({ row, state }) => state === 'fail' && wanted.includes(row))
}

/** D1. A 401 in use breaks the connection; the rest is known from the last time Stripe was asked. */
export function judgeKeys(known: OwnKnown): Finding {
  const { connection, ask, money } = known
  const evidence: readonly Evidence[] = [
    { label: 'Account', value: connection.accountName || (connection.accountId ?? 'not readable with this key') },
    {
      label: 'Key',
      value: `${connection.keyKind === 'restricted' ? 'Restricted' : 'Secret'} key ending in ${connection.keyLast4}`,
    },
    ...at('Key saved', connection.keyChangedAt),
    ...at('Last asked', ask?.askedAt),
    ...waiting(known),
  ]
  const remedies = [replaceKeys, openKeys]
  if (connection.state === 'broken') {
    const money_ =
      money.open === 0
        ? 'Nothing is lost.'
        : `${counted(money.open, 'payment')} will go on when the keys are replaced; none is lost.`
    return found('key_refused', `Stripe answered 401 twice: this key was rolled, deleted or has expired. ${money_}`, {
      evidence,
      remedies,
    })
  }
  const failing = failingRow(ask, 'secret_key', 'account_and_mode', 'publishable_key', 'permissions')
  if (failing) return found(`${failing.row}_failed`, failing.text, { evidence, remedies })
  if (connection.state !== 'connected')
    return found('not_verified', 'These keys were never verified.', { evidence, remedies })
  return ok(`Stripe accepts the ${connection.keyKind} key ending in ${connection.keyLast4}.`, { evidence })
}

function waiting({ money }: OwnKnown): readonly Evidence[] {
  if (money.open === 0) return []
  const link = money.oldestInvoiceId ? ({ link: { to: 'invoice', id: money.oldestInvoiceId } } as const) : {}
  return [
    { label: 'Payments waiting', value: String(money.open), ...link },
    ...at('The oldest of them', money.oldestOpenAt),
  ]
}

const keyFirst = cannotTell('Stripe refuses the key, so no more can be asked. Replace the keys first.')

/** D3. The network and the account are told apart: one is cured by waiting, the other in Stripe. */
export function judgeTest(known: OwnKnown): Finding {
  const { connection, ask } = known
  if (connection.state === 'broken') return keyFirst
  const reach = failingRow(ask, 'api_reachable')
  const charges = ask?.rows.find(({ row }) => row === 'charges_enabled')
  const answered = ask?.rows.find(({ row }) => row === 'secret_key')?.durationMs
  const evidence: readonly Evidence[] = [
    ...at('Last asked', ask?.askedAt),
    ...at('Last passed', ask?.passedAt),
    ...(answered === undefined ? [] : [{ label: 'Stripe took', value: `${answered} ms` }]),
    ...waiting(known),
  ]
  if (reach) {
    return found(
      'stripe_unreachable',
      `${reach.text} Your keys are not the cause. It is tested again every 5 minutes until it passes.`,
      {
        evidence,
        remedies: [testAgain],
      },
    )
  }
  const isInactive = charges ? charges.state === 'fail' : !connection.chargesEnabled && connection.accountName !== ''
  if (isInactive) {
    const text = charges?.text ?? inactiveAccountSentence(connection.disabledReason)
    return found('account_inactive', `${text} The network is not the cause: Stripe answers.`, {
      evidence,
      remedies: [openStripe, testAgain],
    })
  }
  return ok(
    ask
      ? 'Stripe answers and the account takes payments.'
      : 'Nothing points to a failing connection. Run all checks to ask Stripe.',
    { evidence },
  )
}
