/**
 * The hosted onboarding form as a person sees it: what Stripe still asks, in groups, and what it should conclude. *Submit*
 * is the first button of the form, because Enter in a field presses the first one.
 */
import type { OnboardingField, OnboardingGroup, OnboardingProblem, OnboardingView } from '../../stripe/index.ts'
import { markup } from '../markup.ts'
import type { Insertable, Markup } from '../markup.ts'

export interface OnboardingPage {
  readonly view: OnboardingView
  /** What was typed before, by the name of the field. */
  readonly values: Readonly<Record<string, string>>
  readonly problems: readonly OnboardingProblem[]
  /** Every field holds test data. */
  readonly isFilled: boolean
  /** What was typed was kept, and more is still due. */
  readonly isIncomplete: boolean
  readonly script: string
}

export function onboardingBody(page: OnboardingPage): Markup {
  const { view } = page
  return markup`<div class="onboarding stack wide-gap" data-testid="sandbox-onboarding">
    <header class="stack">
      <h1>Set up payments for ${view.accountName}</h1>
      <p class="muted">${view.platformName} works with Stripe to take payments and pay them out to you. ${view.isLive ? 'Live mode' : 'Test mode'} · ${view.accountId}</p>
      ${problemNotice(page)}
      ${statusNotice(view)}
      ${view.groups.length > 0 && fillButton(view)}
    </header>
    <form class="stack wide-gap" method="post" action="${pathOf(view)}" novalidate data-once data-testid="sandbox-onboarding-form">
      ${view.groups.map((group) => groupPart(page, group))}
      ${conclusion(page)}
      <div class="row">
        <button class="primary" name="sandbox-deed" value="submit" data-testid="sandbox-onboarding-submit">Submit</button>
        <button name="sandbox-deed" value="save" data-testid="sandbox-onboarding-save">Save for later</button>
      </div>
    </form>
  </div>`
}

function pathOf({ visit }: OnboardingView): string {
  return `/connect/setup/visit/${visit}`
}

function problemNotice({ problems, isIncomplete }: OnboardingPage): Markup | false {
  if (isIncomplete) {
    return markup`<div class="notice bad" role="alert" tabindex="-1" autofocus data-testid="sandbox-problems">
      <h2>Something is still missing</h2><p>What you typed is kept. Fill in the rest below, or save it for later.</p></div>`
  }
  const links = problems.map(({ name, message }) => markup`<li><a href="#${idOf(name)}">${message}</a></li>`)
  return (
    problems.length > 0 &&
    markup`<div class="notice bad" role="alert" tabindex="-1" autofocus data-testid="sandbox-problems"><h2>There is a problem</h2><ul>${links}</ul></div>`
  )
}

function statusNotice({ groups, isSubmitted, disabledReason }: OnboardingView): Markup | false {
  if (disabledReason?.startsWith('rejected') === true) {
    return markup`<div class="notice bad"><h2>Stripe has rejected this account</h2><p>Nothing on this page changes that.</p></div>`
  }
  if (groups.length === 0) {
    return markup`<div class="notice good" data-testid="sandbox-nothing-due"><h2>Nothing is due</h2><p>Stripe has everything it asked for. Submit to go back.</p></div>`
  }
  return (
    isSubmitted &&
    markup`<div class="notice wait" data-testid="sandbox-due-again"><h2>Stripe needs more information</h2><p>You sent this form before. What is listed below came up since.</p></div>`
  )
}

function fillButton({ visit }: OnboardingView): Markup {
  return markup`<form method="get" action="/connect/setup/visit/${visit}"><button name="fill" value="yes" data-testid="sandbox-onboarding-fill">Fill with test data</button></form>`
}

function groupPart(page: OnboardingPage, { name, title, fields }: OnboardingGroup): Markup {
  return markup`<fieldset class="stack" data-testid="sandbox-onboarding-${name}"><legend><h2>${title}</h2></legend>
    <div class="pairs">${fields.map((field) => fieldPart(page, field))}</div>
  </fieldset>`
}

/** Field names have dots and underscores; an id made of one must do without the dots, for links and styles. */
function idOf(name: string): string {
  return `field-${name.replaceAll('.', '-')}`
}

function fieldPart(page: OnboardingPage, field: OnboardingField): Markup {
  const { name, label, input, isPastDue, reason } = field
  const id = idOf(name)
  const message = page.problems.find((problem) => problem.name === name)?.message
  const value = page.isFilled ? field.testValue : (page.values[name] ?? '')
  const described = [reason !== null && `${id}-hint`, message !== undefined && `${id}-error`].filter(Boolean).join(' ')
  const attributes = markup`${described !== '' && markup` aria-describedby="${described}"`}${message !== undefined && markup` aria-invalid="true"`} data-testid="sandbox-${name}"`
  const notes = markup`${reason !== null && markup`<span class="hint" id="${id}-hint">${reason}</span>`}${message !== undefined && markup`<span class="error" id="${id}-error">${message}</span>`}`
  if (input === 'checkbox') {
    return markup`<div class="field wide">${notes}<label class="check" for="${id}"><input type="checkbox" id="${id}" name="${name}" value="true"${value !== '' && markup` checked`}${attributes}><span>${label}</span></label></div>`
  }
  return markup`<div class="field"><label for="${id}">${label}${isPastDue && page.view.isSubmitted && markup` <span class="muted">(past due)</span>`}</label>${notes}${control(field, { id, value, attributes })}</div>`
}

function control(
  { name, input, choices }: OnboardingField,
  { id, value, attributes }: { id: string; value: string; attributes: Insertable },
): Markup {
  if (input === 'choice') {
    const options = choices.map(
      (choice) =>
        markup`<option value="${choice.value}"${choice.value === value && markup` selected`}>${choice.label}</option>`,
    )
    return markup`<select id="${id}" name="${name}"${attributes}><option value="">Choose</option>${options}</select>`
  }
  const type = input === 'number' ? 'text' : input
  return markup`<input id="${id}" name="${name}" type="${type}" value="${value}"${input === 'number' && markup` inputmode="numeric"`} autocomplete="off"${attributes}>`
}

/** Real Stripe decides by itself; here whoever tests decides. */
function conclusion({ view, script }: OnboardingPage): Markup {
  const options = view.scripts.map(
    ({ name, label }) => markup`<option value="${name}"${name === script && markup` selected`}>${label}</option>`,
  )
  return markup`<div class="notice field">
    <label for="conclusion">What should Stripe conclude?</label>
    <span class="hint" id="conclusion-hint">Only the sandbox asks this. Stripe decides by itself.</span>
    <select id="conclusion" name="sandbox-script" aria-describedby="conclusion-hint" data-testid="sandbox-onboarding-script">${options}</select>
  </div>`
}
