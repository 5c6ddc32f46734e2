/** One API call with both bodies, and as a curl command. Secrets in it were replaced by dots before it was kept. */
import type { SandboxReply } from '../../../http.ts'
import type { RequestView } from '../../../stripe/index.ts'
import { instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { copyBlock, section } from '../../parts.ts'
import { accountLink, prettyText, statusBadge } from '../badges.ts'
import { consoleReply, unknownReply } from '../visit.ts'
import type { ConsoleSandbox, Visit } from '../visit.ts'
import { curlCommand } from './curl.ts'

export function requestPage(visit: Visit): SandboxReply {
  const { stripe, params } = visit
  const request = stripe.findRequest(params['id'] ?? '')
  if (request === null) {
    return unknownReply(visit, {
      tab: 'requests',
      title: 'There is no such request',
      text: 'The log was cut since, or the sandbox was reset.',
    })
  }
  const { method, path, requestBody, responseBody } = request
  const body = markup`<article class="stack wide-gap" data-testid="sandbox-request">
    <div class="stack">
      <p><a href="/_sandbox/requests">All requests</a></p>
      <h1>${method} ${path}</h1>
      ${facts(stripe, request)}
    </div>
    <div class="halves">
      ${section('Sent', requestBody === '' ? markup`<p class="muted">No body.</p>` : markup`<pre>${readableBody(requestBody)}</pre>`)}
      ${section('Answered', answerPart(responseBody))}
    </div>
    ${section('Send it again', curlPart(stripe, request))}
  </article>`
  return consoleReply(visit, { title: `${method} ${path}`, tab: 'requests', body })
}

function answerPart(responseBody: string): Markup {
  return responseBody === ''
    ? markup`<p class="muted" data-testid="sandbox-request-answer">The connection was closed without an answer.</p>`
    : markup`<pre data-testid="sandbox-request-answer">${prettyText(responseBody)}</pre>`
}

function facts(stripe: ConsoleSandbox, request: RequestView): Markup {
  const row = (label: string, value: Insertable) =>
    value !== null && value !== '' && value !== false && markup`<dt>${label}</dt><dd>${value}</dd>`
  return markup`<dl class="facts">
    ${row('Status', statusBadge(request.status))}
    ${row('Time', instant(request.at))}
    ${row('Took', `${Math.round(request.durationMs)} ms`)}
    ${row('Account', accountLink(stripe, request.accountId, request.mode))}
    ${row('Request id', markup`<code>${request.id}</code>`)}
    ${row('API version', request.apiVersion)}
    ${row('Idempotency key', request.idempotencyKey)}
    ${row('Answer', request.isReplay && 'Repeated from the first call with this idempotency key')}
    ${row('Faults', request.faults.join(', '))}
  </dl>`
}

function curlPart(stripe: ConsoleSandbox, request: RequestView): Markup {
  const command = curlCommand(request, stripe.publicUrl)
  const hasDots = command.includes('••••')
  return markup`<p class="muted">Put a secret key of the account into STRIPE_KEY first.${hasDots && ' Where dots stand, a secret was taken out: fill it in.'}${request.idempotencyKey !== null && ' With the same idempotency key the first answer comes back; leave that line out to do it anew.'}</p>
    ${copyBlock({ id: 'curl', label: 'curl command', text: command })}`
}

/** A form body reads better one parameter to a line. */
function readableBody(body: string): string {
  if (/^\s*[[{]/.test(body) || !body.includes('=')) return prettyText(body)
  return [...new URLSearchParams(body)].map(([name, value]) => `${name} = ${value}`).join('\n')
}
