/**
 * Faults: what is armed now, one-press presets, and a form for everything else (SBX-41). Whatever is armed here is counted
 * in red on every page of the sandbox until it is used up or cleared.
 */
import type { SandboxReply } from '../../http.ts'
import type { Fault } from '../../stripe/faults/faults.ts'
import type { StripeSandbox } from '../../stripe/index.ts'
import { countText } from '../format.ts'
import { markup } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { badge, dataTable } from '../parts.ts'
import { accountName, consoleReply } from './console-page.ts'
import type { ConsoleSandbox } from './console-page.ts'
import { faultForm } from './fault-form.ts'
import { FAULT_PRESETS } from './fault-presets.ts'
import type { FaultPreset } from './fault-presets.ts'

/** `refusal` and `typed` are given when the form was refused. */
export function faultsPage(
  stripe: ConsoleSandbox,
  { refusal, typed = new URLSearchParams() }: { refusal?: string; typed?: URLSearchParams } = {},
): SandboxReply {
  const accounts = stripe.accounts().map(({ id, name }) => ({ value: id, label: name }))
  const body = markup`<div class="stack wide-gap">
    <h1>Faults</h1>
    ${refusal !== undefined && refusalNotice(refusal)}
    ${activeFaults(stripe)}
    <section class="stack"><h2>Presets</h2><div class="cards">${FAULT_PRESETS.map(presetCard)}</div></section>
    <section class="stack"><h2>Any fault</h2>${faultForm({ accounts, typed })}</section>
  </div>`
  return consoleReply(stripe, { title: refusal === undefined ? 'Faults' : 'Error: Faults', tab: 'faults', body })
}

function refusalNotice(refusal: string): Markup {
  return markup`<div class="notice bad" role="alert" tabindex="-1" autofocus data-testid="sandbox-problems">
    <h2>There is a problem</h2><p>${refusal} No fault was armed.</p>
  </div>`
}

function activeFaults(stripe: ConsoleSandbox): Markup {
  const faults = stripe.faults.list()
  if (faults.length === 0) {
    return markup`<section class="stack tight"><h2>Active now</h2><p class="muted" data-testid="sandbox-no-faults">None. The sandbox behaves as Stripe does on a good day.</p></section>`
  }
  const table = dataTable({
    caption: 'A fault is dropped when it was used up',
    columns: [
      { label: 'What happens' },
      { label: 'Only for' },
      { label: 'Left' },
      { label: 'Hits' },
      { label: 'Undo' },
    ],
    rows: faults.map((fault) => ({
      testId: `sandbox-fault-${fault.id}`,
      cells: [
        markup`${badge(PLACES[fault.where], 'red')} ${effectText(fault)}`,
        matchText(stripe, fault),
        leftText(fault),
        fault.hits,
        clearForm(fault.id, 'Clear'),
      ],
    })),
  })
  return markup`<section class="stack tight">
    <div class="row between"><h2>Active now</h2>${clearForm(null, `Clear ${countText(faults.length, ['fault', 'faults'])}`)}</div>
    ${table}
  </section>`
}

const PLACES = { api: 'API', webhook: 'Webhook', mail: 'Mail' } as const

function leftText({ timesLeft, endsAt }: Fault): string | number {
  if (endsAt !== null) return `Until ${new Date(endsAt).toISOString().slice(0, 19).replace('T', ' ')}`
  return timesLeft ?? 'Until cleared'
}

function effectText({ effect }: Fault): string {
  const { kind, ...settings } = effect
  const rest = Object.entries(settings).map(
    ([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  )
  return [kind.replaceAll('_', ' '), ...rest].join(', ')
}

function matchText(stripe: StripeSandbox, { match }: Fault): string {
  const { account, path, ...others } = match
  const parts = [
    ...(account === undefined ? [] : [accountName(stripe, account)]),
    ...(path === undefined ? [] : [`path ${path.source.replaceAll('\\/', '/')}`]),
    ...Object.entries(others).map(([name, value]) => `${name === 'eventType' ? 'event' : name} ${value}`),
  ]
  return parts.length === 0 ? 'Everything' : parts.join(', ')
}

function clearForm(faultId: string | null, label: string): Markup {
  const action = faultId === null ? '/_sandbox/faults/clear' : `/_sandbox/faults/${faultId}/clear`
  return markup`<form method="post" action="${action}" data-once>
    <button data-testid="sandbox-fault-clear-${faultId ?? 'all'}">${label}</button>
  </form>`
}

function presetCard({ name, title, expect, undo }: FaultPreset): Markup {
  return markup`<form class="card" method="post" action="/_sandbox/faults/arm" data-once>
    <h3>${title}</h3>
    <p class="muted">${expect}</p>
    <p class="muted">${undo}</p>
    <p><button name="preset" value="${name}" aria-label="Provoke: ${title}" data-testid="sandbox-provoke-${name}">Provoke</button></p>
  </form>`
}
