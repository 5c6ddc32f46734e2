/** The eight known troubles, each provoked, undone and read back by click (SBX-49, SBX-90 to SBX-97). */
import type { AccountView, TroubleView } from '../../../stripe/index.ts'
import { instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { badge, selectField } from '../../parts.ts'
import { accountLink } from '../badges.ts'
import { modeChoices } from '../filters.ts'
import { pressButton, pressForm } from '../press-form.ts'
import type { Press } from '../press-form.ts'
import type { ConsoleSandbox, Visit } from '../visit.ts'

const BACK = '/_sandbox/faults#troubles'

export function troubleCards({ stripe }: Visit): Markup {
  const cards = stripe.troubles.list().map((trouble) => troubleCard(stripe, trouble))
  return markup`<div class="columns">${cards}</div>`
}

function troubleCard(stripe: ConsoleSandbox, trouble: TroubleView): Markup {
  const { name, number, title, expect, provoked } = trouble
  return markup`<section class="panel stack tight" aria-labelledby="trouble-${name}" data-testid="sandbox-trouble-${name}">
    <div class="row between"><h3 id="trouble-${name}">${title}</h3>${provoked === null ? markup`<span class="small muted">${number}</span>` : badge('Provoked', 'red')}</div>
    <div class="stack tight"><p class="small">What a product should then show</p><p class="muted">${expect}</p></div>
    ${provoked === null ? provokeForm(stripe, trouble) : provokedPart(stripe, trouble, provoked)}
  </section>`
}

/** Accounts the trouble can be made for; the newest connected ones first where it is about them. */
function targets(stripe: ConsoleSandbox, { aims }: TroubleView): readonly AccountView[] {
  const accounts = stripe.accounts()
  const connected = accounts.filter(({ connectedTo }) => connectedTo !== null).toReversed()
  if (aims === 'connected') return connected
  const own = accounts.filter(({ connectedTo }) => connectedTo === null)
  if (aims === 'endpoint') {
    const withEndpoint = new Set(stripe.listEndpoints().map(({ accountId }) => accountId))
    return own.filter(({ id }) => withEndpoint.has(id))
  }
  return [...own, ...connected]
}

function provokeForm(stripe: ConsoleSandbox, trouble: TroubleView): Insertable {
  const { name, title, aims, variants } = trouble
  const choices = targets(stripe, trouble).map((account) => ({ value: account.id, label: account.name }))
  if (choices.length === 0) {
    return markup`<p class="small">${aims === 'connected' ? 'No account is connected yet. Connect one in the product first.' : 'No endpoint yet. Make one in the product first.'}</p>`
  }
  const press: Press = { twin: `/troubles/${name}`, back: BACK, said: `Provoked: ${title}. ${trouble.expect}` }
  const field = (part: string) => ({ name: `text:${part}`, id: `${name}-${part}` })
  return pressForm(
    press,
    markup`<div class="pairs-small">
      ${aims === 'nobody' ? markup`<input type="hidden" name="text:account" value="${choices[0]?.value}">` : selectField({ ...field('account'), label: 'Account', value: '', choices })}
      ${aims !== 'nobody' && aims !== 'connected' && selectField({ ...field('mode'), label: 'Mode', value: 'test', choices: modeChoices })}
    </div>
    ${variants.length > 0 && selectField({ ...field('variant'), label: 'How', value: '', choices: variants })}
    <p><button class="primary" aria-label="Provoke: ${title}" data-testid="sandbox-trouble-provoke-${name}">Provoke</button></p>`,
    'stack tight',
  )
}

function provokedPart(
  stripe: ConsoleSandbox,
  trouble: TroubleView,
  provoked: NonNullable<TroubleView['provoked']>,
): Markup {
  const { name, title, aims, humanLabel } = trouble
  const state = provoked.state.map(([label, value]) => markup`<dt>${label}</dt><dd>${value}</dd>`)
  const steps = provoked.steps.map(({ label, twin, json }, place) =>
    pressButton(
      { twin, json, back: BACK, said: `${label}: done.` },
      { label, testId: `sandbox-trouble-step-${name}-${place}` },
    ),
  )
  const human =
    humanLabel !== null &&
    pressButton(
      { twin: `/troubles/${name}/human`, back: BACK, said: `${humanLabel}: done.` },
      { label: humanLabel, describes: title, testId: `sandbox-trouble-human-${name}` },
    )
  const undo = pressButton(
    { twin: `/troubles/${name}/undo`, back: BACK, said: `Undone: ${title}.` },
    { label: 'Undo', describes: title, testId: `sandbox-trouble-undo-${name}` },
  )
  return markup`<dl class="facts" data-testid="sandbox-trouble-state-${name}">
      <dt>Since</dt><dd>${instant(provoked.at)}</dd>
      ${aims !== 'nobody' && markup`<dt>Account</dt><dd>${accountLink(stripe, provoked.account, provoked.mode)}</dd>`}
      ${state}
    </dl>
    ${name === 'wrong_keys' && markup`<p><a href="/_sandbox/faults/keys">The eight wrong sets of keys, to copy</a></p>`}
    <div class="row">${steps}${human}${undo}</div>`
}
