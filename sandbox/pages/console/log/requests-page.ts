/** The log of API calls, newest first, filtered by who called, what was asked and how it ended. */
import type { SandboxReply } from '../../../http.ts'
import type { RequestView } from '../../../stripe/index.ts'
import { instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { badge, dataTable, selectField, textField } from '../../parts.ts'
import { accountLink, statusBadge } from '../badges.ts'
import { filterForm, placeFields } from '../filters.ts'
import { consoleReply } from '../visit.ts'
import type { Visit } from '../visit.ts'

const SHOWN = 200
const PATH = '/_sandbox/requests'

export function requestsPage(visit: Visit): SandboxReply {
  const { stripe, query } = visit
  const all = stripe.listRequests(Number.MAX_SAFE_INTEGER)
  const matching = all.filter((request) => matches(request, query))
  const body = markup`<div class="stack">
    <h1>Requests</h1>
    ${all.length > 0 && filters(visit)}
    ${matching.length > 0 ? requestTable(visit, matching) : emptyText(all.length)}
  </div>`
  return consoleReply(visit, { title: 'Requests', tab: 'requests', body })
}

function matches(request: RequestView, query: URLSearchParams): boolean {
  const wanted = (name: string) => query.get(name) ?? ''
  const fits = (name: string, value: string | null) => wanted(name) === '' || wanted(name) === value
  return (
    fits('account', request.accountId) &&
    fits('mode', request.mode) &&
    fits('method', request.method) &&
    request.path.includes(wanted('path').trim()) &&
    fitsStatus(request.status, wanted('status'))
  )
}

function fitsStatus(status: number, wanted: string): boolean {
  if (wanted === 'errors') return status >= 400 || status === 0
  return wanted === '' || String(status).startsWith(wanted.charAt(0))
}

const STATUSES = [
  { value: 'errors', label: 'Errors' },
  { value: '2xx', label: '2xx' },
  { value: '4xx', label: '4xx' },
  { value: '5xx', label: '5xx' },
  { value: '0', label: 'No answer' },
]

const METHODS = ['GET', 'POST', 'DELETE'].map((method) => ({ value: method, label: method }))

function filters(visit: Visit): Markup {
  const { query } = visit
  const value = (name: string) => query.get(name) ?? ''
  const fields = [
    ...placeFields(visit),
    selectField({ name: 'status', label: 'Status', value: value('status'), all: 'All statuses', choices: STATUSES }),
    selectField({ name: 'method', label: 'Method', value: value('method'), all: 'All methods', choices: METHODS }),
    textField({ id: 'filter-path', name: 'path', label: 'Path contains', value: value('path') }),
  ]
  return filterForm({ path: PATH, label: 'Filter requests', fields, query })
}

function emptyText(total: number): Markup {
  return total > 0
    ? markup`<p>No requests match these filters. <a href="${PATH}">Clear filters</a></p>`
    : markup`<p data-testid="sandbox-empty">Nobody has called the API yet. Paste one of the keys of the <a href="/_sandbox">overview</a> into the product under Integrations.</p>`
}

function requestTable({ stripe }: Visit, requests: readonly RequestView[]): Markup {
  const shown = requests.slice(0, SHOWN)
  return dataTable({
    caption: shown.length < requests.length ? `Newest ${SHOWN} of ${requests.length}` : 'Newest first',
    columns: [
      { label: 'Time', kind: 'nowrap' },
      { label: 'Status' },
      { label: 'Request' },
      { label: 'Account' },
      { label: 'Took', kind: 'number' },
    ],
    rows: shown.map((request) => ({
      testId: `sandbox-request-${request.id}`,
      cells: [
        instant(request.at),
        statusBadge(request.status),
        markup`<a class="mono" href="${PATH}/${request.id}">${request.method} ${request.path}</a> ${marks(request)}`,
        accountLink(stripe, request.accountId, request.mode),
        `${Math.round(request.durationMs)} ms`,
      ] satisfies Insertable[],
    })),
  })
}

/** What set this call apart: an answer repeated for its idempotency key, or a fault that touched it. */
function marks({ isReplay, faults }: RequestView): Markup[] {
  return [...(isReplay ? [badge('Replayed', 'blue')] : []), ...faults.map((fault) => badge(`Fault: ${fault}`, 'red'))]
}
