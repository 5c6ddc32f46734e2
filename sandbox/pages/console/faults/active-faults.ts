/** What is armed now, and what was hit lately. */
import type { Fault } from '../../../stripe/faults/faults.ts'
import { countText, instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { badge, dataTable, section } from '../../parts.ts'
import { accountName } from '../badges.ts'
import { pressButton } from '../press-form.ts'
import type { ConsoleSandbox } from '../visit.ts'

const PAGE = '/_sandbox/faults'
const SHOWN_HITS = 30

export const PLACES = { api: 'API', webhook: 'Webhook', mail: 'Mail' } as const

export function activeFaults(stripe: ConsoleSandbox): Markup {
  const faults = stripe.faults.list()
  if (faults.length === 0) {
    const none = markup`<p class="muted" data-testid="sandbox-no-faults">None. The sandbox behaves as Stripe does on a good day.</p>`
    return section('Active now', none)
  }
  const table = dataTable({
    caption: 'A fault is dropped when it was used up',
    columns: [
      { label: 'What happens' },
      { label: 'Only for' },
      { label: 'Left' },
      { label: 'Hits', kind: 'number' },
      { label: 'Undo' },
    ],
    rows: faults.map((fault) => ({
      testId: `sandbox-fault-${fault.id}`,
      cells: [
        markup`${badge(PLACES[fault.where], 'red')} ${effectText(fault)}`,
        matchText(stripe, fault),
        leftText(fault),
        fault.hits,
        clearButton(fault.id, 'Clear', effectText(fault)),
      ],
    })),
  })
  const clearAll = clearButton(null, `Clear ${countText(faults.length, ['fault', 'faults'])}`)
  return section('Active now', table, { link: clearAll })
}

export function effectText({ effect }: Pick<Fault, 'effect'>): string {
  const { kind, ...settings } = effect
  const rest = Object.entries(settings).map(
    ([name, value]) =>
      `${name.replaceAll('_', ' ')} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  )
  return [kind.replaceAll('_', ' '), ...rest].join(', ')
}

function matchText(stripe: ConsoleSandbox, { match }: Fault): string {
  const { account, path, eventType, ...others } = match
  const parts = [
    ...(account === undefined ? [] : [accountName(stripe, account)]),
    ...(path === undefined ? [] : [`path ${path.source.replaceAll('\\/', '/')}`]),
    ...(eventType === undefined ? [] : [`event ${eventType}`]),
    ...Object.entries(others).map(([name, value]) => `${name} ${value}`),
  ]
  return parts.length === 0 ? 'Everything' : parts.join(', ')
}

function leftText({ timesLeft, endsAt }: Fault): Insertable {
  if (endsAt !== null) return markup`Until ${instant(new Date(endsAt))}`
  return timesLeft === null ? 'Until cleared' : countText(timesLeft, ['hit', 'hits'])
}

export function clearButton(faultId: string | null, label: string, describes?: string): Markup {
  return pressButton(
    {
      twin: faultId === null ? '/faults' : `/faults/${faultId}`,
      method: 'DELETE',
      back: PAGE,
      said: faultId === null ? 'All faults are cleared.' : 'The fault is cleared.',
    },
    { label, testId: `sandbox-fault-clear-${faultId ?? 'all'}`, ...(describes !== undefined && { describes }) },
  )
}

export function hitLog(stripe: ConsoleSandbox): Markup {
  const hits = stripe.faults.listHits(SHOWN_HITS)
  const table = dataTable({
    caption: 'Newest first; faults that are used up included',
    columns: [{ label: 'Time', kind: 'nowrap' }, { label: 'Fault' }, { label: 'Struck' }],
    rows: hits.map(({ at, where, effect, subject }) => ({
      testId: 'sandbox-fault-hit',
      cells: [
        instant(new Date(at)),
        markup`${badge(PLACES[where], 'grey')} ${effect.replaceAll('_', ' ')}`,
        subject.name.startsWith('req_')
          ? markup`<a class="mono" href="/_sandbox/requests/${subject.name}">${subject.method} ${subject.path}</a>`
          : markup`<span class="mono">${subject.eventType ?? subject.to ?? subject.name}</span>`,
      ],
    })),
  })
  return section('Hits', hits.length > 0 ? table : markup`<p class="muted">No fault has struck yet.</p>`)
}
