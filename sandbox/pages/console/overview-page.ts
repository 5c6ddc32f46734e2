/** The first page of the console: is the sandbox well, what time is it, which keys does it take, what can it not do. */
import type { SandboxReply } from '../../http.ts'
import type { AccountView, HealthView, KeySet, Mode, StripeSandbox } from '../../stripe/index.ts'
import { instant } from '../format.ts'
import { markup } from '../markup.ts'
import type { Insertable, Markup } from '../markup.ts'
import { badge, copyField, dataTable } from '../parts.ts'
import { consoleReply } from './console-page.ts'

export function overviewPage(stripe: StripeSandbox): SandboxReply {
  const health = stripe.health()
  const body = markup`<div class="stack wide-gap">
    <div class="stack"><h1>Overview</h1>${figures(stripe, health)}${problems(health)}</div>
    ${stripe.accounts().map(accountKeys)}
    ${unsupportedCalls(health)}
  </div>`
  return consoleReply(stripe, { title: 'Overview', tab: 'overview', body })
}

function figures(stripe: StripeSandbox, health: HealthView): Markup {
  const failing = stripe
    .listDeliveries(Number.MAX_SAFE_INTEGER)
    .filter((delivery) => delivery.state !== 'delivered').length
  const nextDueAt = stripe.nextDueAt()
  return markup`<dl class="figures">
    ${figure({ label: 'Health', value: health.ok ? badge('✓ All well', 'green') : badge('✕ Trouble', 'red'), testId: 'sandbox-health' })}
    ${figure({ label: 'Sandbox clock', value: instant(health.now), testId: 'sandbox-clock' })}
    ${figure({ label: 'Next happens by itself', value: nextDueAt === null ? 'Nothing' : instant(nextDueAt), testId: 'sandbox-next-due' })}
    ${figure({ label: 'Objects', value: health.objects, testId: 'sandbox-objects' })}
    ${figure({ label: 'Deliveries not accepted yet', value: failing, testId: 'sandbox-undelivered' })}
  </dl>`
}

function figure({ label, value, testId }: { label: string; value: Insertable; testId: string }): Markup {
  return markup`<div class="figure"><dt class="muted">${label}</dt><dd data-testid="${testId}">${value}</dd></div>`
}

function problems({ problems: sentences }: HealthView): Markup | false {
  const entries = sentences.map((sentence) => markup`<li>${sentence}</li>`)
  return (
    sentences.length > 0 &&
    markup`<div class="notice bad" data-testid="sandbox-problems"><h2>Trouble</h2><ul>${entries}</ul></div>`
  )
}

function accountKeys(account: AccountView): Markup {
  const { id, name, country, defaultCurrency, isPlatform, keys } = account
  return markup`<section class="stack" aria-labelledby="${id}" data-testid="sandbox-account-${id}">
    <div class="row"><h2 id="${id}">${name}</h2>${isPlatform && badge('Platform', 'grey')}
      <span class="muted"><code>${id}</code> · ${country} · ${defaultCurrency.toUpperCase()}</span></div>
    <div class="keys">${keySet({ id, mode: 'test', keys: keys.test })}${keySet({ id, mode: 'live', keys: keys.live })}</div>
  </section>`
}

function keySet({ id, mode, keys }: { id: string; mode: Mode; keys: KeySet }): Markup {
  const title = mode === 'test' ? 'Test' : 'Live'
  const field = (kind: keyof KeySet) =>
    copyField({ id: `${id}-${mode}-${kind}`, label: `${title} ${kind} key`, value: keys[kind] })
  return markup`<div class="stack tight"><h3>${title} mode</h3>${field('publishable')}${field('secret')}${field('restricted')}</div>`
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
  return markup`<section class="stack tight" data-testid="sandbox-unsupported"><h2>Unsupported calls</h2>${list}</section>`
}
