/** What can be done to an account that is connected to a platform: what Stripe concludes of it, and its leaving (SBX-28). */
import type { AccountView } from '../../../stripe/index.ts'
import { scriptLabels } from '../../../stripe/connect/requirements/script-names.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { section, selectField } from '../../parts.ts'
import { pressButton, pressForm } from '../press-form.ts'

export function connectedPart({ id, name }: AccountView): Markup {
  const back = `/_sandbox/accounts/${id}`
  const scripts = Object.entries(scriptLabels).map(([value, label]) => ({ value, label }))
  const conclude = pressForm(
    { twin: `/accounts/${id}/script`, back, said: 'Stripe has concluded so. The platform was told by events.' },
    markup`${selectField({ name: 'text:script', id: 'script', label: 'What should Stripe conclude?', value: 'complete', choices: scripts })}
    <button data-testid="sandbox-script-play">Conclude</button>`,
    'filters wide-fields',
  )
  const leave = pressButton(
    { twin: `/accounts/${id}/deauthorize`, back: '/_sandbox/accounts', said: `${name} has left its platform.` },
    { label: 'Disconnect the platform', testId: 'sandbox-deauthorize', look: 'danger' },
  )
  const dashboard = markup`<a class="button" href="/dashboard/${id}">Open the dashboard of this account</a>`
  return section(
    'Onboarding',
    markup`<div class="stack">${conclude}<div class="row">${dashboard}${leave}</div></div>`,
    {
      testId: 'sandbox-connected',
    },
  )
}
