/**
 * What the answers to Test Connection mean, row by row, and the title over them (STR-24, UI-126). Pure. A row that could not be asked is
 * `not_checked` and spoils nothing; trouble with the webhook is a warning, because payments settle without it.
 */
import { PINNED_API_VERSION, StripeFault, type AccountSeen, type CallTrace, type HandshakeVerdict } from '#stripe'
import type { Outcome } from '#kernel'
import { isRefusingDeliveries, isValidAt, type Connection, type EndpointSecret } from './connection.ts'
import type { EndpointFindings } from './endpoints.ts'
import { permissionFor } from './connection-state.ts'
import {
  disabledReasonInWords,
  inactiveAccountSentence,
  reasonOf,
  refusalOfFault,
  refuse,
  type ConnectionProblem,
  type Refused,
} from './problems.ts'

export const testRows = [
  'api_reachable',
  'secret_key',
  'account_and_mode',
  'publishable_key',
  'charges_enabled',
  'payouts_enabled',
  'permissions',
  'endpoint_found',
  'events_selected',
  'endpoint_enabled',
  'last_delivery',
  'clock',
] as const

export type TestRow = {
  readonly row: (typeof testRows)[number]
  readonly state: 'pass' | 'warn' | 'fail' | 'not_checked'
  readonly text: string
  readonly durationMs?: number
  readonly requestId?: string
  /** The button beside the row. */
  readonly remedy?: 'replace_key' | 'open_stripe' | 'create_endpoint' | 'repair_endpoint' | 'paste_secret'
}

export const testTitles = [
  'Connection works',
  'Connection works with warnings',
  'Connection test failed',
  'Unable to verify credentials',
] as const

export type TestReport = {
  readonly title: (typeof testTitles)[number]
  readonly rows: readonly TestRow[]
  readonly testedAt: Date
}

/** What the first two questions brought: the account, only the right to the balance (neither member), or a fault. */
export type KeyAnswer = { readonly account?: AccountSeen; readonly fault?: StripeFault }

/** Each answer or its own fault; undefined where it was not asked. */
export type RestAnswers = {
  readonly handshake: HandshakeVerdict | StripeFault | undefined
  readonly unreadable: readonly string[] | StripeFault | undefined
  readonly endpoint: Outcome<EndpointFindings, ConnectionProblem> | StripeFault
}

export type Heard = {
  readonly connection: Connection
  readonly secrets: readonly EndpointSecret[]
  readonly key: KeyAnswer
  readonly rest: RestAnswers | undefined
  readonly calls: readonly CallTrace[]
  readonly testedAt: Date
}

type Judged = Omit<TestRow, 'row' | 'durationMs' | 'requestId'>

export function judgeRows(heard: Heard): readonly TestRow[] {
  const judged: Record<TestRow['row'], { readonly verdict: Judged; readonly operation?: string }> = {
    api_reachable: { verdict: judgeReach(heard) },
    secret_key: { verdict: judgeKey(heard), operation: 'accounts' },
    account_and_mode: { verdict: judgeAccount(heard), operation: 'accounts' },
    publishable_key: { verdict: judgeHandshake(heard), operation: 'setup_intents' },
    charges_enabled: { verdict: judgeCharges(heard), operation: 'accounts' },
    payouts_enabled: { verdict: judgePayouts(heard), operation: 'accounts' },
    permissions: { verdict: judgePermissions(heard) },
    endpoint_found: { verdict: judgeEndpoint(heard), operation: 'webhook_endpoints' },
    events_selected: { verdict: judgeEvents(heard) },
    endpoint_enabled: { verdict: judgeEnabled(heard) },
    last_delivery: { verdict: judgeDelivery(heard) },
    clock: { verdict: judgeClock(heard) },
  }
  return testRows.map((row) => {
    const { verdict, operation } = judged[row]
    const call =
      operation === undefined ? undefined : heard.calls.findLast((trace) => trace.operation.startsWith(operation))
    return {
      row,
      ...verdict,
      ...(call && { durationMs: call.durationMs, ...(call.requestId && { requestId: call.requestId }) }),
    }
  })
}

const credentialRows: readonly TestRow['row'][] = ['secret_key', 'account_and_mode', 'publishable_key', 'permissions']
const transportRows: readonly TestRow['row'][] = ['api_reachable', 'charges_enabled']

export function titleOf(rows: readonly TestRow[]): TestReport['title'] {
  const failedRows = rows.filter(({ state }) => state === 'fail').map(({ row }) => row)
  if (failedRows.includes('api_reachable')) return 'Connection test failed'
  if (failedRows.some((row) => credentialRows.includes(row))) return 'Unable to verify credentials'
  if (failedRows.some((row) => transportRows.includes(row))) return 'Connection test failed'
  return failedRows.length > 0 || rows.some(({ state }) => state === 'warn')
    ? 'Connection works with warnings'
    : 'Connection works'
}

const notChecked = (text: string): Judged => ({ state: 'not_checked', text })
const passed = (text: string): Judged => ({ state: 'pass', text })
const unasked = notChecked('Not checked, because the key was not accepted.')

function failed(why: StripeFault | Refused, remedy?: TestRow['remedy']): Judged {
  const { cause, nextStep } = (why instanceof StripeFault ? refusalOfFault(why) : why).refusal.problem
  return { state: 'fail', text: `${cause} ${nextStep}`, ...(remedy && { remedy }) }
}

function isTransport(fault: StripeFault): boolean {
  return fault.kind === 'network' || fault.kind === 'server' || fault.kind === 'rate' || fault.kind === 'conflict'
}

function judgeReach({ key }: Heard): Judged {
  return key.fault && isTransport(key.fault) ? failed(key.fault) : passed('Stripe answers.')
}

function judgeKey({ key, connection }: Heard): Judged {
  if (!key.fault) return passed(`Stripe accepts the ${connection.keyKind} key ending in ${connection.keyLast4}.`)
  return isTransport(key.fault)
    ? notChecked('Not checked, because Stripe did not answer.')
    : failed(key.fault, 'replace_key')
}

function judgeAccount({ key, connection }: Heard): Judged {
  if (key.fault) return unasked
  if (!key.account) return passed(`The key works in ${connection.mode} mode; it may not read the account itself.`)
  if (connection.accountId && key.account.id !== connection.accountId) {
    return failed(refuse('account_not_allowed', { words: { account: connection.accountId } }), 'replace_key')
  }
  return passed(`${key.account.name || key.account.id}, ${connection.mode} mode.`)
}

function judgeHandshake({ key, rest }: Heard): Judged {
  if (key.fault) return unasked
  const verdict = rest?.handshake
  if (verdict === undefined)
    return notChecked('Not checked. Save Credentials again with a key that may make SetupIntents.')
  if (verdict instanceof StripeFault)
    return isTransport(verdict) ? notChecked('Not checked, because Stripe did not answer.') : failed(verdict)
  if (verdict === 'same_account') return passed('Both keys belong to one account.')
  return failed(
    refuse('keys_of_two_accounts', { words: key.account ? { account: key.account.id } : {} }),
    'replace_key',
  )
}

function judgeCharges({ key }: Heard): Judged {
  if (key.fault) return unasked
  if (!key.account) return notChecked('The key may not read the account.')
  if (key.account.chargesEnabled) return passed('The account takes payments.')
  return { state: 'fail', text: inactiveAccountSentence(key.account.disabledReason), remedy: 'open_stripe' }
}

function judgePayouts({ key }: Heard): Judged {
  if (key.fault) return unasked
  if (!key.account) return notChecked('The key may not read the account.')
  if (key.account.payoutsEnabled) return passed('Payouts are on.')
  const reason = disabledReasonInWords(key.account.disabledReason)
  return { state: 'warn', text: `Payments work, payouts are off: ${reason}.`, remedy: 'open_stripe' }
}

function judgePermissions({ key, rest, connection }: Heard): Judged {
  if (key.fault) return unasked
  if (connection.keyKind === 'secret')
    return passed('A full secret key has every permission. A restricted key is safer.')
  const unreadable = rest?.unreadable
  if (unreadable === undefined) return notChecked('Not checked.')
  if (unreadable instanceof StripeFault) return failed(unreadable)
  if (unreadable.length === 0) return passed('The restricted key reads everything it needs.')
  const names = unreadable.map((kind) => permissionFor(kind)).join(', ')
  return { state: 'fail', text: `The restricted key lacks: ${names}. Add them in Stripe.`, remedy: 'open_stripe' }
}

/** The endpoint at Stripe, or why there is none to judge. */
function endpointOf({ key, rest }: Heard) {
  if (key.fault || !rest) return unasked
  if (rest.endpoint instanceof StripeFault) {
    return isTransport(rest.endpoint)
      ? notChecked(`Stripe did not answer (${reasonOf(rest.endpoint)}).`)
      : failed(rest.endpoint)
  }
  return rest.endpoint.ok ? rest.endpoint.value : notChecked(rest.endpoint.refusal.problem.cause)
}

function judgeEndpoint(heard: Heard): Judged {
  const found = endpointOf(heard)
  if ('state' in found) return found
  if (found.ours) return passed(`Stripe delivers to ${found.ours.url}.`)
  return { state: 'fail', text: `No endpoint at Stripe points to ${found.addresses.own}.`, remedy: 'create_endpoint' }
}

function judgeEvents(heard: Heard): Judged {
  const found = endpointOf(heard)
  if ('state' in found || !found.ours) return notChecked('Not checked, because there is no endpoint.')
  const { missingRequired, missingRecommended } = found.check
  if (missingRequired.length > 0)
    return { state: 'fail', text: `Missing: ${missingRequired.join(', ')}.`, remedy: 'repair_endpoint' }
  if (missingRecommended.length === 0) return passed('All ten events are selected, and the recommended ones.')
  return {
    state: 'warn',
    text: `All ten events are selected. Recommended ones missing: ${missingRecommended.join(', ')}.`,
    remedy: 'repair_endpoint',
  }
}

function judgeEnabled(heard: Heard): Judged {
  const found = endpointOf(heard)
  if ('state' in found || !found.ours) return notChecked('Not checked, because there is no endpoint.')
  if (!found.ours.isEnabled)
    return { state: 'fail', text: 'Stripe switched this endpoint off.', remedy: 'repair_endpoint' }
  const version = found.ours.apiVersion
  if (version === PINNED_API_VERSION) return passed(`Switched on, API version ${version}.`)
  return {
    state: 'warn',
    text: `Switched on, with API version ${version ?? 'of the account'} instead of ${PINNED_API_VERSION}. Objects are read again, so it works.`,
  }
}

function judgeDelivery({ connection, secrets, testedAt }: Heard): Judged {
  const newest = secrets.find((secret) => isValidAt(secret, testedAt))
  if (!newest) return { state: 'not_checked', text: 'There is no webhook secret yet.', remedy: 'paste_secret' }
  const { webhookLastVerifiedAt: verifiedAt } = connection
  if (isRefusingDeliveries(connection, secrets, testedAt)) {
    return { state: 'fail', text: 'Deliveries arrive but the signature does not match.', remedy: 'paste_secret' }
  }
  if (verifiedAt && verifiedAt >= newest.notBefore)
    return passed(`Last verified delivery ${agoText(testedAt.getTime() - verifiedAt.getTime())}.`)
  return notChecked('Waiting for the first event.')
}

/** As people say it: the screen knows the reader's time zone, this report does not (UI-55). */
export function agoText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000)
  const units = [
    ['day', 1440, 2880],
    ['hour', 60, 60],
    ['minute', 1, 1],
  ] as const
  const fitting = units.find(([, , least]) => minutes >= least)
  if (!fitting) return 'less than a minute ago'
  const [unit, size] = fitting
  const count = Math.floor(minutes / size)
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}

function judgeClock({ calls }: Heard): Judged {
  const differenceMs = calls.findLast((trace) => trace.clockDifferenceMs !== undefined)?.clockDifferenceMs
  if (differenceMs === undefined) return notChecked('Not checked, because Stripe did not tell its time.')
  const seconds = Math.round(Math.abs(differenceMs) / 1000)
  if (seconds <= 120) return passed(`This server's clock agrees with Stripe's (${seconds} s apart).`)
  const text = `This server's clock is ${Math.round(seconds / 60)} minutes off. Webhooks more than 5 minutes off are refused.`
  return { state: 'fail', text }
}
