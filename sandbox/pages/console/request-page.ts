/** One API call with both bodies; secrets in them were replaced by dots before they were kept. */
import type { SandboxReply } from '../../http.ts'
import type { RequestView, StripeSandbox } from '../../stripe/index.ts'
import { instant } from '../format.ts'
import { markup } from '../markup.ts'
import type { Insertable, Markup } from '../markup.ts'
import { accountName, consoleReply, prettyText, statusBadge, unknownReply } from './console-page.ts'

export function requestPage(stripe: StripeSandbox, requestId: string): SandboxReply {
  const request = stripe.findRequest(requestId)
  if (request === null) {
    return unknownReply(stripe, {
      tab: 'requests',
      title: 'There is no such request',
      text: 'The log was cut since, or the sandbox was reset.',
    })
  }
  const body = markup`<article class="stack" data-testid="sandbox-request">
    <p><a href="/_sandbox/requests">All requests</a></p>
    <h1>${request.method} ${request.path}</h1>
    ${facts(stripe, request)}
    <h2>Sent</h2>
    ${request.requestBody === '' ? markup`<p class="muted">No body.</p>` : markup`<pre>${readableBody(request.requestBody)}</pre>`}
    <h2>Answered</h2>
    <pre data-testid="sandbox-request-answer">${prettyText(request.responseBody)}</pre>
  </article>`
  return consoleReply(stripe, { title: `${request.method} ${request.path}`, tab: 'requests', body })
}

function facts(stripe: StripeSandbox, request: RequestView): Markup {
  const row = (label: string, value: Insertable) =>
    value !== null && value !== '' && value !== false && markup`<dt>${label}</dt><dd>${value}</dd>`
  return markup`<dl class="facts">
    ${row('Status', statusBadge(request.status))}
    ${row('Time', instant(request.at))}
    ${row('Took', `${Math.round(request.durationMs)} ms`)}
    ${row('Account', accountName(stripe, request.accountId))}
    ${row('Mode', request.mode)}
    ${row('Request id', markup`<code>${request.id}</code>`)}
    ${row('API version', request.apiVersion)}
    ${row('Idempotency key', request.idempotencyKey)}
    ${row('Answer', request.isReplay && 'Repeated from the first call with this idempotency key')}
    ${row('Faults', request.faults.join(', '))}
  </dl>`
}

/** A form body reads better one parameter to a line. */
function readableBody(body: string): string {
  if (/^\s*[[{]/.test(body) || !body.includes('=')) return prettyText(body)
  return [...new URLSearchParams(body)].map(([name, value]) => `${name} = ${value}`).join('\n')
}
