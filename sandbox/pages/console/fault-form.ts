/** The form that arms any fault the control API knows, and the reading of what it sends. */
import { markup } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { selectField } from '../parts.ts'

const EFFECTS = [
  { value: 'api status_before', label: 'API: answer with a status, do nothing' },
  { value: 'api status_after', label: 'API: do the work, answer 500' },
  { value: 'api drop_before', label: 'API: hang up, do nothing' },
  { value: 'api drop_after', label: 'API: do the work, hang up' },
  { value: 'api delay', label: 'API: answer late' },
  { value: 'api hang', label: 'API: never answer' },
  { value: 'api refuse', label: 'API: close the port, this console too' },
  { value: 'api empty_200', label: 'API: do the work, answer 200 with nothing' },
  { value: 'api no_error_key', label: 'API: refuse without saying error' },
  { value: 'api html_502', label: 'API: answer with the page of a gateway' },
  { value: 'api truncate', label: 'API: do the work, break off the answer' },
  { value: 'api mutate', label: 'API: do the work, change the answer' },
  { value: 'api forget_idempotency_keys', label: 'API: forget every idempotency key' },
  { value: 'api lock_timeout', label: 'API: object is locked' },
  { value: 'api key_in_use', label: 'API: idempotency key is in use' },
  { value: 'api search_lag', label: 'API: search lags behind' },
  { value: 'api decline_next', label: 'API: decline the next card' },
  { value: 'api revoke_key', label: 'API: key is revoked' },
  { value: 'api payout_off_by_one', label: 'API: transactions of a payout are one cent off' },
  { value: 'webhook drop', label: 'Webhook: never deliver' },
  { value: 'webhook delay', label: 'Webhook: deliver late' },
  { value: 'webhook duplicate', label: 'Webhook: deliver more than once' },
  { value: 'webhook reorder', label: 'Webhook: deliver newest first' },
  { value: 'webhook two_events', label: 'Webhook: two events about one change' },
  { value: 'webhook no_event', label: 'Webhook: no event at all' },
  { value: 'webhook bad_signature', label: 'Webhook: spoil the signature' },
  { value: 'webhook wrong_secret', label: 'Webhook: sign with another secret' },
  { value: 'webhook old_secret', label: 'Webhook: sign with the secret before' },
  { value: 'webhook stale', label: 'Webhook: sign with an old time' },
  { value: 'webhook future', label: 'Webhook: sign with a time to come' },
  { value: 'webhook unknown_account', label: 'Webhook: name an unknown account' },
  { value: 'webhook wrong_livemode', label: 'Webhook: say the other mode' },
  { value: 'webhook old_shape', label: 'Webhook: use an old version' },
  { value: 'webhook thin', label: 'Webhook: send the thin form' },
  { value: 'webhook outage', label: 'Webhook: endpoint is down' },
  { value: 'webhook flood', label: 'Webhook: send very many' },
  { value: 'mail refuse_temporary', label: 'Mail: refuse for now' },
  { value: 'mail refuse_permanent', label: 'Mail: refuse for good' },
  { value: 'mail bounce_later', label: 'Mail: take it, bounce later' },
  { value: 'mail delay', label: 'Mail: arrive late' },
] as const

/** The settings that the one number and the one text of the form mean, by effect. */
const NUMBER_NAMES: Record<string, string> = {
  status_before: 'status',
  status_after: 'status',
  no_error_key: 'status',
  delay: 'ms',
  hang: 'ms',
  refuse: 'ms',
  reorder: 'ms',
  bounce_later: 'ms',
  truncate: 'percent',
  duplicate: 'copies',
  search_lag: 'seconds',
  stale: 'seconds',
  future: 'seconds',
  outage: 'hours',
  flood: 'per_second',
}

const TEXT_NAMES: Record<string, string> = {
  decline_next: 'code',
  mutate: 'patch',
  unknown_account: 'account',
  old_shape: 'version',
}

/** Turns the form into the JSON of `POST /_sandbox/faults`; empty fields are left out, and the API judges the rest. */
export function readFaultForm(form: URLSearchParams): Record<string, unknown> {
  const text = (name: string) => (form.get(name) ?? '').trim()
  const number = (name: string) => (text(name) === '' ? undefined : Number(text(name)))
  const [where = '', kind = ''] = text('effect').split(' ')
  const numberName = NUMBER_NAMES[kind]
  const textName = TEXT_NAMES[kind]
  return {
    where,
    effect: withoutGaps({
      kind,
      ...(numberName !== undefined && { [numberName]: number('number') }),
      ...(textName !== undefined && { [textName]: kind === 'mutate' ? readPatch(text('text')) : text('text') }),
    }),
    match: withoutGaps({
      method: text('method'),
      path: text('path'),
      account: text('account'),
      mode: text('mode'),
      event_type: text('event_type'),
      nth: number('nth'),
      probability: number('probability'),
    }),
    ...withoutGaps({ times: number('times'), until: text('until') }),
  }
}

/** A patch is typed as JSON; what is no JSON is left for the API to refuse. */
function readPatch(typed: string): unknown {
  try {
    return JSON.parse(typed) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return typed
    throw error
  }
}

function withoutGaps(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''))
}

interface FaultForm {
  accounts: readonly { value: string; label: string }[]
  /** What was typed before, when the API refused it. */
  typed: URLSearchParams
}

export function faultForm({ accounts, typed }: FaultForm): Markup {
  const value = (name: string) => typed.get(name) ?? ''
  const text = (name: string, label: string, hint: string) => textField({ name, label, hint, value: value(name) })
  return markup`<form class="stack" method="post" action="/_sandbox/faults/arm" data-once>
    <div class="fields">
      ${selectField({ name: 'effect', label: 'What happens', value: value('effect'), choices: EFFECTS })}
      ${text('number', 'Number (optional)', 'Status, milliseconds, seconds, hours, copies or percent')}
      ${text('text', 'Setting (optional)', 'Decline code, account, version, or a JSON patch')}
      ${text('times', 'How often (optional)', 'Empty: until cleared')}
      ${text('until', 'Until (optional)', 'An instant, or a duration such as PT10M')}
      ${text('nth', 'First call it hits (optional)', '3 lets two matching calls pass')}
      ${text('probability', 'Chance (optional)', 'Above 0 and at most 1')}
      ${selectField({ name: 'account', label: 'Account', value: value('account'), all: 'All accounts', choices: accounts })}
      ${selectField({ name: 'mode', label: 'Mode', value: value('mode'), all: 'Both modes', choices: MODES })}
      ${text('method', 'Method (optional)', 'API only, for example POST')}
      ${text('path', 'Path (optional)', 'API only, a regular expression')}
      ${text('event_type', 'Event type (optional)', 'Webhook only')}
    </div>
    <p><button class="primary" data-testid="sandbox-fault-arm">Arm fault</button></p>
  </form>`
}

const MODES = [
  { value: 'test', label: 'Test' },
  { value: 'live', label: 'Live' },
]

function textField({ name, label, hint, value }: { name: string; label: string; hint: string; value: string }): Markup {
  return markup`<div class="field">
    <label for="${name}">${label}</label>
    <span class="hint" id="${name}-hint">${hint}</span>
    <input id="${name}" name="${name}" value="${value}" aria-describedby="${name}-hint" data-testid="sandbox-fault-${name}">
  </div>`
}
