/** The log of API calls, newest first, filtered by account and by how they ended. */
import type { SandboxReply } from '../../http.ts'
import type { RequestView, StripeSandbox } from '../../stripe/index.ts'
import { instant } from '../format.ts'
import { markup } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { badge, dataTable, selectField } from '../parts.ts'
import { accountName, consoleReply, statusBadge } from './console-page.ts'

const SHOWN = 200

export function requestsPage(stripe: StripeSandbox, query: URLSearchParams): SandboxReply {
  const filter = { account: query.get('account') ?? '', status: query.get('status') ?? '' }
  const all = stripe.listRequests(Number.MAX_SAFE_INTEGER)
  const matching = all.filter((request) => matches(request, filter))
  const body = markup`<div class="stack">
    <h1>Requests</h1>
    ${all.length > 0 && filterForm(stripe, filter)}
    ${matching.length > 0 ? requestTable(stripe, matching) : emptyText(all.length)}
  </div>`
  return consoleReply(stripe, { title: 'Requests', tab: 'requests', body })
}

interface Filter {
  account: string
  status: string
}

function matches(request: RequestView, { account, status }: Filter): boolean {
  if (account !== '' && request.accountId !== account) return false
  if (status === 'errors') return request.status >= 400
  return status === '' || String(request.status).startsWith(status.charAt(0))
}

function filterForm(stripe: StripeSandbox, { account, status }: Filter): Markup {
  const accounts = stripe.accounts().map(({ id, name }) => ({ value: id, label: name }))
  const statuses = [
    { value: 'errors', label: 'Errors (4xx and 5xx)' },
    { value: '2xx', label: '2xx' },
    { value: '4xx', label: '4xx' },
    { value: '5xx', label: '5xx' },
  ]
  return markup`<form class="filters" method="get" action="/_sandbox/requests" role="search" aria-label="Filter requests">
    ${selectField({ name: 'account', label: 'Account', value: account, all: 'All accounts', choices: accounts })}
    ${selectField({ name: 'status', label: 'Status', value: status, all: 'All statuses', choices: statuses })}
    <button data-testid="sandbox-filter">Filter</button>
    ${(account !== '' || status !== '') && markup`<a href="/_sandbox/requests">Clear filters</a>`}
  </form>`
}

function emptyText(total: number): Markup {
  return total > 0
    ? markup`<p>No requests match these filters. <a href="/_sandbox/requests">Clear filters</a></p>`
    : markup`<p data-testid="sandbox-empty">Nobody has called the API yet. Paste one of the keys of the <a href="/_sandbox">overview</a> into Rentroll under Integrations.</p>`
}

function requestTable(stripe: StripeSandbox, requests: readonly RequestView[]): Markup {
  const shown = requests.slice(0, SHOWN)
  const caption = shown.length < requests.length ? `Newest ${SHOWN} of ${requests.length}` : 'Newest first'
  return dataTable({
    caption,
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
        markup`<a class="mono" href="/_sandbox/requests/${request.id}">${request.method} ${request.path}</a> ${marks(request)}`,
        markup`${accountName(stripe, request.accountId)}${request.mode && markup` <span class="muted">${request.mode}</span>`}`,
        `${Math.round(request.durationMs)} ms`,
      ],
    })),
  })
}

/** What set this call apart: an answer repeated for its idempotency key, or a fault that touched it. */
function marks({ isReplay, faults }: RequestView): Markup[] {
  return [...(isReplay ? [badge('Replayed', 'blue')] : []), ...faults.map((fault) => badge(`Fault: ${fault}`, 'red'))]
}
