/** Troubles with money: a payout the bank sends back (SBX-92), and a refund larger than the balance (SBX-94). */
import { readBankAccount } from '../connect/bank-accounts.ts'
import { bankGrammarOf } from '../connect/facts.ts'
import { ControlRefused } from '../control-input.ts'
import { replaceBankAccount } from '../dashboard/replace-bank.ts'
import { failingBankNumbers } from '../payouts/facts.ts'
import { addFundsAtOnce } from '../payouts/topups/topups.ts'
import type { AccountSettings } from '../world/kinds.ts'
import type { World } from '../world/world.ts'
import type { Aim, Reading, Trouble, TroubleParts } from './trouble.ts'

type Where = Pick<Aim, 'account' | 'mode'>

/** Smallest units: what is put into the balance so that there is something to pay out. */
const aHundred = 10_000

function homeOf(world: World, { account }: Where): { country: string; currency: string; name: string } {
  const { object, hidden } = world.root.get('account', account)
  return { country: object.country ?? 'US', currency: object.default_currency ?? 'usd', name: hidden.name }
}

/** `ending` decides how payouts end; null gives the number whose payouts arrive. */
function replaceBank(world: World, where: Where, ending: string | null): void {
  const { country, currency, name } = homeOf(world, where)
  const { testNumber, testRouting } = bankGrammarOf(country)
  const number = ending === null ? testNumber : testNumber.slice(0, -9) + ending
  const given = {
    object: 'bank_account' as const,
    account_holder_name: name,
    account_holder_type: 'company' as const,
    account_number: number,
    country,
    currency,
    routing_number: testRouting ?? undefined,
  }
  const bank = readBankAccount(given, 'external_account')
  world.transaction(() => replaceBankAccount(world.space(where.account, where.mode), bank))
}

function topUp(world: World, where: Where, amount: number): void {
  const wish = { amount, currency: homeOf(world, where).currency, description: 'Top-up' }
  world.transaction(() => addFundsAtOnce(world.space(where.account, where.mode), wish))
}

function availableOf({ dashboard }: TroubleParts, where: Where, currency: string): number {
  return dashboard.readBalance(where).find((one) => one.currency === currency)?.availableMinor ?? 0
}

function readMoney(parts: TroubleParts, where: Where): readonly Reading[] {
  const { currency } = homeOf(parts.world, where)
  const space = parts.world.space(where.account, where.mode)
  const [payout] = space.newestFirst('payout')
  const bank = [...space.oldestFirst('external_account')].find(
    ({ object }) => object.currency === currency && object.default_for_currency === true,
  )
  const reason = payout?.object.failure_code ?? null
  return [
    ['Available', `${availableOf(parts, where, currency)} smallest units of ${currency.toUpperCase()}`],
    ['Last payout', payout === undefined ? 'none' : `${payout.object.status}${reason === null ? '' : `, ${reason}`}`],
    ['Bank account', bank === undefined ? 'none' : `ending ${bank.object.last4}, ${bank.object.status}`],
  ]
}

const endings = Object.fromEntries(Object.entries(failingBankNumbers).map(([ending, code]) => [code, ending]))

export const payoutFailed: Trouble = {
  number: 'SBX-92',
  name: 'payout_failed',
  title: 'Scheduled payout failed',
  expect:
    'The product shows the payout as failed, with the reason in words, and says that the bank account has to be replaced.',
  aims: 'any',
  variants: [
    { value: 'no_account', label: 'No account with that number' },
    { value: 'account_closed', label: 'The bank account is closed' },
    { value: 'debit_not_authorized', label: 'Debits are not allowed' },
  ],
  provoke({ world }, aim) {
    const ending = endings[aim.variant]
    if (ending === undefined) throw new ControlRefused(`variant must be one of ${Object.keys(endings).join(', ')}.`)
    topUp(world, aim, aHundred)
    replaceBank(world, aim, ending)
    return {}
  },
  undo: ({ world }, record) => replaceBank(world, record, null),
  human: { label: 'Replace the bank account', act: ({ world }, record) => replaceBank(world, record, null) },
  steps: () => [
    { label: 'Turn the clock to the payout and its failure', twin: '/clock', json: { advance: 'P4D', wait: false } },
  ],
  read: readMoney,
}

export const refundTooLarge: Trouble = {
  number: 'SBX-94',
  name: 'refund_too_large',
  title: 'Refund larger than available balance',
  expect:
    'A refund made now in the product waits for funds and says so, or is refused in words; nothing is refunded twice.',
  aims: 'any',
  variants: [
    { value: 'pend', label: 'The refund waits for funds' },
    { value: 'reject', label: 'The refund is refused' },
  ],
  provoke(parts, aim) {
    const { currency } = homeOf(parts.world, aim)
    const available = availableOf(parts, aim, currency)
    if (available > 0) payOut(parts, aim, { amount: available, currency })
    const { settings } = parts.world.root.get('account', aim.account).hidden
    changePolicy(parts.world, aim, aim.variant === 'reject' ? 'reject' : 'pend')
    return { refundWithoutFunds: settings.refundWithoutFunds }
  },
  undo({ world }, record) {
    changePolicy(world, record, record.kept['refundWithoutFunds'] as AccountSettings['refundWithoutFunds'])
    topUp(world, record, 10 * aHundred)
  },
  human: { label: 'Top up 1000.00', act: ({ world }, record) => topUp(world, record, 10 * aHundred) },
  steps: () => [
    { label: 'Turn the clock until card funds arrive', twin: '/clock', json: { advance: 'P4D', wait: false } },
  ],
  read(parts, record) {
    const [refund] = parts.world.space(record.account, record.mode).newestFirst('refund')
    const state =
      refund === undefined
        ? 'none'
        : `${refund.object.status}, ${refund.object.pending_reason ?? refund.object.failure_reason ?? 'no reason given'}`
    return [...readMoney(parts, record).slice(0, 1), ['Last refund', state]]
  },
}

/** Empties the balance as its owner would, so that no refund finds funds. */
function payOut(
  { dashboard }: TroubleParts,
  { account, mode }: Where,
  wish: { amount: number; currency: string },
): void {
  const { status, body } = dashboard.act({ account, mode, method: 'POST', path: '/v1/payouts', parameters: wish })
  if (status === 200) return
  const error = body['error'] as { message?: string } | undefined
  throw new ControlRefused(`The balance could not be emptied: ${error?.message ?? `the payout was answered ${status}`}`)
}

function changePolicy(
  world: World,
  { account }: Where,
  refundWithoutFunds: AccountSettings['refundWithoutFunds'],
): void {
  world.transaction(() => {
    const { settings } = world.root.get('account', account).hidden
    world.root.update('account', account, { hidden: { settings: { ...settings, refundWithoutFunds } } })
  })
}
