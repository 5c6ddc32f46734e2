/** Arming any fault: first what happens, then its settings and whom it strikes. The control API judges what is typed. */
import type { SandboxReply } from '../../../http.ts'
import { effectTables } from '../../../stripe/faults/effects.ts'
import type { Where } from '../../../stripe/faults/effects.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { selectField, textField } from '../../parts.ts'
import { accountChoices, modeChoices } from '../filters.ts'
import { pressForm } from '../press-form.ts'
import { consoleReply } from '../visit.ts'
import type { Visit } from '../visit.ts'
import { PLACES } from './active-faults.ts'
import { EFFECT_LABELS } from './effect-labels.ts'

const PAGE = '/_sandbox/faults/new'

function listEffects(): readonly { where: Where; kind: string }[] {
  return (Object.keys(effectTables) as Where[]).flatMap((where) =>
    Object.keys(effectTables[where]).map((kind) => ({ where, kind })),
  )
}

function labelOf(where: Where, kind: string): string {
  return EFFECT_LABELS[`${where}.${kind}`] ?? kind.replaceAll('_', ' ')
}

/** A list of everything that can go wrong; the next page asks for the rest. */
export function effectChooser(): Markup {
  const choices = listEffects().map(({ where, kind }) => ({
    value: `${where}.${kind}`,
    label: `${PLACES[where]}: ${labelOf(where, kind)}`,
  }))
  return markup`<form class="filters wide-fields" method="get" action="${PAGE}">
    ${selectField({ name: 'effect', label: 'What happens', value: '', choices })}
    <button data-testid="sandbox-fault-next">Set it up</button>
  </form>`
}

export function newFaultPage(visit: Visit): SandboxReply {
  const asked = visit.query.get('effect') ?? ''
  const { where, kind } = listEffects().find((one) => `${one.where}.${one.kind}` === asked) ?? {
    where: 'api',
    kind: 'drop_after',
  }
  const title = `${PLACES[where]}: ${labelOf(where, kind)}`
  const press = {
    twin: '/faults',
    json: { where, effect: { kind }, match: {} },
    back: `${PAGE}?effect=${where}.${kind}`,
    done: '/_sandbox/faults',
    said: 'The fault is armed.',
  }
  const body = markup`<div class="stack form-width">
    <p><a href="/_sandbox/faults">All faults</a></p>
    <h1>${title}</h1>
    ${pressForm(
      press,
      markup`<div class="fields">${settingFields(visit, where, kind)}${matchFields(visit, where)}</div>
      <p><button class="primary" data-testid="sandbox-fault-arm">Arm fault</button></p>`,
    )}
  </div>`
  return consoleReply(visit, { title, tab: 'faults', body })
}

/** One field per setting of the effect, with the value it has when nothing is typed. */
function settingFields({ notice }: Visit, where: Where, kind: string): Insertable {
  const fields = Object.entries(effectTables[where][kind] ?? {})
  return fields.map(([name, field]) => {
    const type = typeof field.preset === 'number' ? 'number' : 'text'
    const fieldName = `${name === 'patch' ? 'json' : type}:effect.${name}`
    return textField({
      id: `fault-${name}`,
      name: fieldName,
      label: name.replaceAll('_', ' ').replace(/^ms$/, 'milliseconds'),
      hint: field.preset === undefined ? 'Needed' : `Empty: ${String(field.preset)}`,
      value: notice?.typed.get(fieldName) ?? '',
      isNumeric: type === 'number',
    })
  })
}

const MATCHES: Readonly<Record<Where, readonly [name: string, label: string, hint: string][]>> = {
  api: [
    ['text:match.method', 'Method (optional)', 'For example POST'],
    ['text:match.path', 'Path (optional)', 'A regular expression, for example ^/v1/refunds$'],
  ],
  webhook: [['text:match.event_type', 'Event type (optional)', 'For example charge.refunded or charge.*']],
  mail: [['text:match.to', 'To (optional)', 'Part of an address']],
}

const COUNTS: readonly [name: string, label: string, hint: string][] = [
  ['number:times', 'How often (optional)', 'Empty: until cleared'],
  ['text:until', 'Until (optional)', 'An instant, or a duration such as PT10M'],
  ['number:match.nth', 'First one it hits (optional)', '3 lets two pass'],
  ['number:match.probability', 'Probability (optional)', 'Above 0, up to 1'],
]

function matchFields({ stripe, notice }: Visit, where: Where): Insertable {
  const typed = (name: string): string => notice?.typed.get(name) ?? ''
  const texts = [...MATCHES[where], ...COUNTS].map(([name, label, hint]) =>
    textField({ id: `fault-${name.replace(/^.*[:.]/, '')}`, name, label, hint, value: typed(name) }),
  )
  if (where === 'mail') return texts
  const account = { name: 'text:match.account', id: 'fault-account', label: 'Account', all: 'All accounts' }
  const mode = { name: 'text:match.mode', id: 'fault-mode', label: 'Mode', all: 'Both modes' }
  return [
    selectField({ ...account, value: typed(account.name), choices: accountChoices(stripe) }),
    selectField({ ...mode, value: typed(mode.name), choices: modeChoices }),
    ...texts,
  ]
}
