/** The form that arms any fault the control API knows, and the reading of what it sends. */
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { selectField } from '../../parts.ts'

const EFFECTS = [
  { value: 'api status_before', label: 'API: answer with a status, do nothing' },
  { value: 'api status_after', label: 'API: do the work, answer 500' },
  { value: 'api drop_before', label: 'API: hang up, do nothing' },
  { value: 'api drop_after', label: 'API: do the work, hang up' },
  { value: 'api delay', label: 'API: answer late' },
  { value: 'api empty_200', label: 'API: do the work, answer 200 with nothing' },
  { value: 'webhook drop', label: 'Webhook: never deliver' },
  { value: 'webhook delay', label: 'Webhook: deliver late' },
  { value: 'webhook duplicate', label: 'Webhook: deliver more than once' },
  { value: 'webhook wrong_secret', label: 'Webhook: sign with another secret' },
  { value: 'webhook bad_signature', label: 'Webhook: spoil the signature' },
  { value: 'webhook stale', label: 'Webhook: sign with an old time' },
] as const

/** The parameter that the one number of the form means, by effect. */
const NUMBER_NAMES: Record<string, string> = {
  status_before: 'status',
  status_after: 'status',
  delay: 'ms',
  duplicate: 'copies',
  stale: 'seconds',
}

/** Turns the form into the JSON of `POST /_sandbox/faults`; empty fields are left out, and the API judges the rest. */
export function readFaultForm(form: URLSearchParams): Record<string, unknown> {
  const text = (name: string) => (form.get(name) ?? '').trim()
  const number = (name: string) => (text(name) === '' ? undefined : Number(text(name)))
  const [where = '', kind = ''] = text('effect').split(' ')
  const numberName = NUMBER_NAMES[kind]
  return {
    where,
    effect: withoutGaps({ kind, ...(numberName === undefined ? {} : { [numberName]: number('number') }) }),
    match: withoutGaps({
      method: text('method'),
      path: text('path'),
      account: text('account'),
      mode: text('mode'),
      event_type: text('event_type'),
      nth: number('nth'),
    }),
    ...withoutGaps({ times: number('times') }),
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
      ${text('number', 'Number (optional)', 'Status, milliseconds, copies or seconds')}
      ${text('times', 'How often (optional)', 'Empty: until cleared')}
      ${text('nth', 'First call it hits (optional)', '3 lets two matching calls pass')}
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
