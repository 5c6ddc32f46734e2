/**
 * The first page of the console, to be understood in one look: is the sandbox well, what time is it there, which keys does
 * it take, and what went wrong or happened last.
 */
import type { SandboxReply } from '../../../http.ts'
import type { HealthView } from '../../../stripe/index.ts'
import { countText } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { badge, dataTable, figures, section } from '../../parts.ts'
import { pressButton } from '../press-form.ts'
import { consoleReply } from '../visit.ts'
import type { Visit } from '../visit.ts'
import { accountCards } from './account-cards.ts'
import { lastErrors, lastEvents, undelivered } from './activity.ts'
import { clockControls } from './clock-controls.ts'

export function overviewPage(visit: Visit): SandboxReply {
  const { stripe } = visit
  const health = stripe.health()
  const body = markup`<div class="stack wide-gap">
    <div class="stack"><h1>Overview</h1>${state(visit, health)}${problems(health)}</div>
    ${clockControls(visit)}
    ${accountCards(stripe)}
    <div class="halves">${undelivered(stripe)}${lastErrors(stripe)}</div>
    ${lastEvents(stripe)}
    ${unsupportedCalls(health)}
    ${section('State', stateDeeds())}
  </div>`
  return consoleReply(visit, { title: 'Overview', tab: 'overview', body })
}

function state({ stripe }: Visit, health: HealthView): Markup {
  const failing = stripe.dashboard.findUndelivered(1000).length
  const requests = stripe.listRequests(1000)
  const errors = requests.filter(({ status }) => status >= 400 || status === 0).length
  const [first] = stripe.faults.list()
  return figures([
    {
      label: 'Health',
      value: health.ok ? badge('✓ All well', 'green') : badge('✕ Trouble', 'red'),
      testId: 'sandbox-health',
      hint: countText(health.objects, ['object kept', 'objects kept']),
    },
    {
      label: 'API calls',
      value: markup`<a href="/_sandbox/requests">${requests.length}</a>`,
      testId: 'sandbox-calls',
      hint:
        errors === 0
          ? 'No errors among them'
          : markup`<a href="/_sandbox/requests?status=errors">${countText(errors, ['error', 'errors'])}</a>`,
    },
    {
      label: 'Deliveries not accepted',
      value: failing === 0 ? '0' : markup`<a href="/_sandbox/events?state=undelivered">${failing}</a>`,
      testId: 'sandbox-undelivered',
      hint: failing === 0 ? 'Every webhook was taken' : 'Failed, or waiting for another try',
    },
    {
      label: 'Faults active',
      value:
        first === undefined ? '0' : markup`<a class="bad-figure" href="/_sandbox/faults">${health.activeFaults}</a>`,
      testId: 'sandbox-faults',
      hint: first === undefined ? markup`<a href="/_sandbox/faults">Provoke one</a>` : 'Until used up or cleared',
    },
  ])
}

/** Everything there is, as a file, or gone. */
function stateDeeds(): Markup {
  const reset = pressButton(
    {
      twin: '/reset',
      back: '/_sandbox',
      said: 'Everything was forgotten. The accounts and their keys are still there.',
    },
    { label: 'Forget everything but accounts and keys', testId: 'sandbox-reset', look: 'danger' },
  )
  return markup`<div class="row"><a class="button" href="/_sandbox/export" data-testid="sandbox-export">Save as a file</a>${reset}</div>`
}

function problems({ problems: sentences }: HealthView): Markup | false {
  const entries = sentences.map((sentence) => markup`<li>${sentence}</li>`)
  return (
    sentences.length > 0 &&
    markup`<div class="notice bad" data-testid="sandbox-trouble"><h2>Trouble</h2><ul>${entries}</ul></div>`
  )
}

function unsupportedCalls({ unsupportedCalls: calls }: HealthView): Markup {
  const list =
    calls.length === 0
      ? markup`<p class="muted">None. Every call so far was one this sandbox can answer.</p>`
      : dataTable({
          caption: 'Known to Stripe, not built here: each was answered with the code sandbox_not_supported.',
          columns: [{ label: 'Operation' }, { label: 'Times', kind: 'number' }],
          rows: calls.map(({ operation, times }) => ({
            testId: 'sandbox-unsupported-call',
            cells: [markup`<code>${operation}</code>`, times],
          })),
        })
  return section('Unsupported calls', list, { testId: 'sandbox-unsupported' })
}
