/**
 * The hosted Checkout page as a person sees it: what is paid, the card form, the bank debits, and the test cards.
 * The test cards stand after the Pay button on purpose: Enter in a field presses the first submit button of its form.
 */
import type { CheckoutView, TestCard } from '../stripe/index.ts'
import { sampleCardDetails, SAMPLE_NAME } from './card-input.ts'
import type { CheckoutInput, FieldError } from './card-input.ts'
import { debitTabs } from './debit-tabs.ts'
import { moneyText } from './format.ts'
import { markup } from './markup.ts'
import type { Markup } from './markup.ts'

export interface CheckoutPage {
  session: CheckoutView
  input: CheckoutInput
  errors: readonly FieldError[]
  /** What the bank said about the last try; stands above the form. */
  decline: string | null
  testCards: readonly TestCard[]
  now: Date
}

export function checkoutPath(session: Pick<CheckoutView, 'id' | 'kind'>): string {
  return `/c/${session.kind === 'payment' ? 'pay' : 'setup'}/${session.id}`
}

/** The body of the page; the same for payment and setup, apart from the amounts. */
export function checkoutBody(page: CheckoutPage): Markup {
  return markup`<div class="checkout">
    ${summary(page.session)}
    <section class="stack wide-gap" aria-label="Card">
      ${problems(page)}
      ${waitingChallenge(page.session)}
      ${savedMethods(page.session)}
      ${page.session.offersCard && cardForm(page)}
      ${debitTabs(page.session, { action: checkoutPath(page.session), label: payLabel(page.session) })}
    </section>
    ${page.session.offersCard && chips(page)}
  </div>`
}

export function payLabel(session: CheckoutView): string {
  const { kind, amountMinor, currency } = session
  return kind === 'payment' && amountMinor !== null && currency
    ? `Pay ${moneyText(amountMinor, currency)}`
    : 'Save card'
}

function summary(session: CheckoutView): Markup {
  const { accountName, amountMinor, currency, kind, cancelUrl } = session
  const back =
    cancelUrl !== null && markup`<p><a href="${cancelUrl}" data-testid="sandbox-back">Back to ${accountName}</a></p>`
  if (kind === 'setup' || amountMinor === null || currency === null) {
    return markup`<section class="stack" aria-labelledby="summary">
      ${back}
      <h1 id="summary">Save a card for ${accountName}</h1>
      <p class="muted">Nothing is charged now. ${accountName} keeps this card for later payments.</p>
    </section>`
  }
  const lines = session.lines.map(
    (line) => markup`<li data-testid="sandbox-line">
      <span>${line.description}${line.quantity !== 1 && markup` <span class="muted">× ${line.quantity}</span>`}</span>
      <span class="number">${moneyText(line.amountMinor, currency)}</span>
    </li>`,
  )
  return markup`<section class="stack" aria-labelledby="summary">
    ${back}
    <h1 id="summary">Pay ${accountName}</h1>
    <p class="total" data-testid="sandbox-total">${moneyText(amountMinor, currency)}</p>
    <ul class="lines" aria-label="What you pay for">${lines}</ul>
  </section>`
}

function problems({ session, errors, decline }: CheckoutPage): Markup | false {
  if (decline !== null) {
    return markup`<div class="notice bad" role="alert" tabindex="-1" autofocus data-testid="sandbox-decline">
      <h2>The card was not accepted</h2>
      <p>${decline}</p>
      <p>${session.kind === 'payment' ? 'Nothing was charged.' : 'Nothing was saved.'} Use another card, or type this one again.</p>
    </div>`
  }
  const links = errors.map((error) => markup`<li><a href="#${error.field}">${error.message}</a></li>`)
  return (
    errors.length > 0 &&
    markup`<div class="notice bad" role="alert" tabindex="-1" autofocus data-testid="sandbox-problems">
      <h2>There is a problem</h2>
      <ul>${links}</ul>
    </div>`
  )
}

function waitingChallenge({ challengePath }: CheckoutView): Markup | false {
  return (
    challengePath !== null &&
    markup`<div class="notice wait" data-testid="sandbox-waiting-challenge">
      <h2>Your bank waits for you</h2>
      <p>The last card asked for 3-D Secure and the step was not finished. <a href="${challengePath}">Finish it</a>, or use another card below.</p>
    </div>`
  )
}

function savedMethods(session: CheckoutView): Markup | false {
  const buttons = session.savedMethods.map(
    (method) => markup`<form method="post" action="${checkoutPath(session)}" data-once>
      <button class="full" name="method" value="${method.id}" data-testid="sandbox-saved-${method.id}">
        ${payLabel(session)} with ${capitalize(method.brand)} ending ${method.last4}, ${method.expMonth} / ${method.expYear}
      </button>
    </form>`,
  )
  return buttons.length > 0 && markup`<div class="stack tight"><h2>Saved cards</h2>${buttons}</div>`
}

function capitalize(brand: string): string {
  return brand.charAt(0).toUpperCase() + brand.slice(1)
}

function cardForm(page: CheckoutPage): Markup {
  const { session, input } = page
  const field = (settings: Omit<FieldSettings, 'errors'>) => textField({ ...settings, errors: page.errors })
  return markup`<form id="card-form" class="stack" method="post" action="${checkoutPath(session)}" novalidate data-once data-testid="sandbox-card-form">
    <h2>${session.savedMethods.length > 0 ? 'Another card' : 'Card'}</h2>
    ${session.email === null ? field({ name: 'email', label: 'E-mail', value: input.email, autocomplete: 'email', type: 'email' }) : knownEmail(session.email)}
    ${field({ name: 'number', label: 'Card number', value: input.number, autocomplete: 'cc-number', isNumeric: true, hint: TEST_CARD_HINT })}
    <div class="pair">
      ${field({ name: 'expiry', label: 'Expiry', value: input.expiry, autocomplete: 'cc-exp', isNumeric: true, hint: 'MM / YY' })}
      ${field({ name: 'cvc', label: 'Security code', value: input.cvc, autocomplete: 'cc-csc', isNumeric: true, hint: '3 digits, CVC' })}
    </div>
    ${field({ name: 'name', label: 'Name on card', value: input.name, autocomplete: 'cc-name' })}
    ${session.offersSave && saveBox(page)}
    <button class="primary full" type="submit" data-testid="sandbox-pay">${payLabel(session)}</button>
  </form>`
}

const TEST_CARD_HINT = markup`Test cards only. <a href="#test-cards">Choose one</a>`

function knownEmail(email: string): Markup {
  return markup`<div class="field"><span class="muted">E-mail</span><span data-testid="sandbox-known-email">${email}</span></div>`
}

function saveBox({ session, input }: CheckoutPage): Markup {
  return markup`<label class="check" for="save">
    <input type="checkbox" id="save" name="save" value="yes"${input.saveForLater && markup` checked`} data-testid="sandbox-save">
    <span>Save this card for later payments to ${session.accountName}</span>
  </label>`
}

interface FieldSettings {
  name: FieldError['field']
  label: string
  value: string
  autocomplete: string
  type?: 'text' | 'email'
  isNumeric?: boolean
  hint?: Markup | string
  errors: readonly FieldError[]
}

function textField({
  name,
  label,
  value,
  autocomplete,
  type = 'text',
  isNumeric,
  hint,
  errors,
}: FieldSettings): Markup {
  const error = errors.find((entry) => entry.field === name)
  const describedBy = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ')
  const testId = name === 'email' ? 'sandbox-email' : `sandbox-card-${name}`
  return markup`<div class="field">
    <label for="${name}">${label}</label>
    ${hint && markup`<span class="hint" id="${name}-hint">${hint}</span>`}
    ${error && markup`<span class="error" id="${name}-error">${error.message}</span>`}
    <input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}"
      ${isNumeric && markup`inputmode="numeric"`} ${describedBy !== '' && markup`aria-describedby="${describedBy}"`}
      ${error && markup`aria-invalid="true"`} data-testid="${testId}">
  </div>`
}

/** Each chip submits the form by its `fill` button; the page comes back filled. With script that happens in place. */
function chips({ testCards, now }: CheckoutPage): Markup {
  const { expiry, cvc } = sampleCardDetails(now)
  const buttons = testCards.map(
    (card) => markup`<li><button class="chip" type="submit" form="card-form" name="fill" value="${card.number}"
      data-fill-number="${card.spaced}" data-fill-expiry="${expiry}" data-fill-cvc="${cvc}" data-fill-name="${SAMPLE_NAME}"
      data-fill-outcome="${card.behaviour}" data-testid="sandbox-chip-${card.number}">
      <span class="name">${card.spaced}</span>
      <span class="what">${card.behaviour}</span>
    </button></li>`,
  )
  return markup`<section class="stack tight" aria-labelledby="test-cards">
    <h2 id="test-cards" tabindex="-1">Test cards</h2>
    <p class="hint">Press one to fill the form.</p>
    <ul class="chips">${buttons}</ul>
  </section>`
}
