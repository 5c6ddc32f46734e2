/** The steps every story begins with, over HTTP as a person's browser would send them. */
import { parseId } from '#kernel'
import { eventually, requestKey, Session, type Product } from '#test/product'

export type Operator = Session & { readonly product: Product }

let counter = 0

/** A fresh operator, signed up by mail link like anybody. */
export async function signUp(
  product: Product,
  name = 'Fresh Desks',
  session = new Session(product.origin),
): Promise<Session> {
  counter += 1
  const slug = `fresh-${counter}-${crypto.randomUUID().slice(0, 6)}`
  const email = `owner@${slug}.example`
  await session.good('POST', '/api/v1/sign-up', { name, email, slug })
  const token = await mailedToken(product, email)
  session.password = 'correct horse battery staple'
  await session.good('POST', '/api/v1/verify-email', {
    token,
    password: session.password,
    country: 'AU',
    currency: 'AUD',
    timeZone: 'Australia/Sydney',
  })
  session.slug = slug
  return session
}

export type MailSeen = { readonly subject: string; readonly text: string }

export async function mailsTo(product: Product, address: string): Promise<readonly MailSeen[]> {
  const list = await fetch(`${product.sandbox.url}/_sandbox/mail?to=${encodeURIComponent(address)}`, {
    headers: { Accept: 'application/json' },
  })
  const { messages } = (await list.json()) as { messages: { id: string }[] }
  return Promise.all(
    messages.map(async ({ id }) => {
      const one = await fetch(`${product.sandbox.url}/_sandbox/mail/${id}`, { headers: { Accept: 'application/json' } })
      return (await one.json()) as MailSeen
    }),
  )
}

export async function mailedToken(product: Product, address: string): Promise<string> {
  const [mail] = await eventually(
    () => mailsTo(product, address),
    (mails) => mails.length > 0,
  )
  const token = /token=([A-Za-z0-9_-]{43})/.exec(mail!.text)?.[1]
  if (token === undefined) throw new Error(`no link in this mail: ${mail!.text}`)
  return token
}

export function sandboxKeys(product: Product, account = 'Harbour Desks', mode: 'test' | 'live' = 'test') {
  const keys = product.sandbox.keys.find((set) => set.account === account && set.mode === mode)
  return {
    publishableKey: keys!.publishable,
    secretKey: keys!.secret,
    accountId: keys!.accountId,
    restrictedKey: keys!.restricted,
  }
}

/** Keys pasted, Connected, endpoint created: ready to take money. */
export async function connectStripe(
  session: Session,
  product: Product,
  options: { account?: string; webhook?: boolean } = {},
): Promise<void> {
  const { publishableKey, secretKey } = sandboxKeys(product, options.account)
  await session.good('PUT', '/connections/stripe', { publishableKey, secretKey })
  if (options.webhook !== false) await session.good('POST', '/connections/stripe/endpoint')
}

export type Set = { readonly categoryId: string; readonly spaceId: string; readonly renterId: string }

/** A 10 % tax, a category at 100.00 a month with a 200.00 deposit, a space, an agreement and a renter. */
export async function furnish(
  session: Session,
  options: { manual?: boolean; monthly?: string; deposit?: string; tag?: string } = {},
): Promise<Set> {
  const unique = crypto.randomUUID().slice(0, 4).toUpperCase()
  const tag = options.tag === undefined ? unique : `${options.tag} ${unique}`
  const agreements = await session.good('GET', '/agreements')
  if (agreements.versions.length === 0)
    await session.good('POST', '/agreements', {
      title: 'Rental agreement',
      content: `${options.tag ?? ''} You rent {{space.number}} for {{rent}}.`,
    })
  const { taxRates } = await session.good('GET', '/settings/tax-rates')
  if (!taxRates.some(({ name }: { name: string }) => name === 'GST')) {
    await session.good('POST', '/settings/tax-rates', { name: 'GST', percent: '10', treatment: 'taxable' })
  }
  const category = await session.good('POST', '/categories', {
    code: `C${unique}`,
    name: `Desk ${tag}`,
    priceBasis: 'period_price',
    periodPrices: { month: options.monthly ?? '100.00' },
    deposit: options.deposit ?? '200.00',
  })
  await session.good('POST', '/spaces', { categoryId: category.id, number: `A-${tag}` })
  const { rows } = await session.good('GET', '/spaces')
  const space = rows.find((row: { number: string }) => row.number === `A-${tag}`)
  const renter = await session.good('POST', '/renters', {
    kind: 'person',
    name: `Renter ${tag}`,
    email: `renter-${tag.toLowerCase().replaceAll(' ', '-')}@rent.example`,
    manualPaymentsAllowed: options.manual ?? false,
  })
  return { categoryId: category.id, spaceId: space.id, renterId: renter.id }
}

/** Saves a card on the sandbox's hosted page, as a person filling it in. */
export async function saveCard(
  session: Session,
  product: Product,
  renterId: string,
  number = '4242424242424242',
  key = requestKey(),
): Promise<void> {
  const { url } = await session.good('POST', `/renters/${renterId}/setup`, {
    requestKey: key,
    returnTo: `/w/${session.slug}/renters`,
  })
  await payOnHostedPage(product, url, number)
}

/** Fills in a bank debit on the sandbox's hosted page, as a person choosing one of its test accounts. */
export async function saveDebit(
  session: Session,
  product: Product,
  about: { renterId: string; account: string; kind?: string },
): Promise<void> {
  const { url } = await session.good('POST', `/renters/${about.renterId}/setup`, {
    requestKey: requestKey(),
    returnTo: `/w/${session.slug}/renters`,
  })
  const reply = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: product.sandbox.url, 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams({ debit: about.kind ?? 'au_becs_debit', holder: 'Kim Ng', account: about.account }),
  })
  if (reply.status !== 303) throw new Error(`the hosted page answered ${reply.status}: ${await reply.text()}`)
}

/** After days the visit of an owner made by `signUp` has ended. */
export async function signInAgain(session: Session): Promise<void> {
  const email = `owner@${session.slug}.example`
  await session.good('POST', '/api/v1/sign-in', { email, password: 'correct horse battery staple' })
}

/** Turns the clock of application and sandbox, working whatever falls due on the way. */
export async function turn(product: Product, wish: object): Promise<void> {
  const reply = await fetch(`${product.sandbox.url}/_sandbox/clock`, { method: 'POST', body: JSON.stringify(wish) })
  if (reply.status !== 200) throw new Error(await reply.text())
}

function isChargeable(method: { isDefault: boolean; unusableReason?: string }): boolean {
  return method.isDefault && method.unusableReason === undefined
}

/** Until a card of the renter that can be charged is known here, whichever way its news came. */
export async function cardOnFile(session: Session, renterId: string): Promise<void> {
  await eventually(
    () => session.good('GET', `/renters/${renterId}`),
    ({ methods }) => methods.some(isChargeable),
  )
}

export async function payOnHostedPage(product: Product, url: string, number: string): Promise<void> {
  const sessionId = new URL(url).pathname.split('/').at(-1)!
  const outcome = product.sandbox.stripe.submitCheckout({
    sessionId,
    card: { number, expMonth: 12, expYear: 2034, cvc: '123' },
  })
  if (outcome.outcome === 'requires_action') {
    const token = new URL(outcome.redirectUrl!).pathname.split('/').at(-1)!
    product.sandbox.stripe.finishChallenge({ token, outcome: 'complete' })
  }
}

export async function today(session: Session): Promise<string> {
  const { timeZone } = await session.good('GET', '/settings/company')
  return session.todayIn(timeZone)
}

export async function checkOut(
  session: Session,
  set: Set,
  options: { startOn?: string; deposit?: unknown } = {},
): Promise<{ leaseId: string; invoiceId: string; state: string }> {
  const wish = {
    spaceId: set.spaceId,
    renterId: set.renterId,
    interval: 'month',
    startOn: options.startOn ?? (await today(session)),
    deposit: options.deposit ?? 'standard',
  }
  const preview = await session.good('POST', '/check-out/preview', wish)
  return session.good('POST', '/check-out', {
    ...wish,
    requestKey: requestKey(),
    acceptance: { name: 'Renter' },
    previewHash: preview.previewHash,
  })
}

export async function invoiceOf(session: Session, invoiceId: string): Promise<any> {
  return session.good('GET', `/invoices/${invoiceId}`)
}

export async function labelled(session: Session, invoiceId: string, label: string, limitMs?: number): Promise<any> {
  return eventually(
    () => invoiceOf(session, invoiceId),
    (invoice) => invoice.label.text === label,
    limitMs,
  )
}

/** What the sandbox charged for this invoice: the truth that no opinion of ours replaces (TRU-176). */
export function chargesFor(product: Product, invoice: { id: string }) {
  const account = sandboxKeys(product).accountId
  const charges = product.sandbox.stripe.listObjects(account, 'test', 'charge') as {
    amount: number
    status: string
    metadata: Record<string, string>
    amount_refunded: number
  }[]
  return charges.filter(
    ({ status, metadata }) => status === 'succeeded' && metadata['rentroll_invoice'] === parseId('invoice', invoice.id),
  )
}

/** Money Stripe pays refunds from; without it a refund waits for days. */
export async function addFunds(product: Product, account?: string): Promise<void> {
  const { accountId } = sandboxKeys(product, account)
  const funds = { account: accountId, mode: 'test', currency: 'aud', amountMinor: 1_000_000 }
  const reply = await fetch(`${product.sandbox.url}/_sandbox/funds`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(funds),
  })
  if (!reply.ok) throw new Error(await reply.text())
}

/** The scope of an operator made by `signUp`. */
export async function scopeOf(product: Product, session: Session) {
  const row = await product.ground.database.handle
    .selectFrom('app.operators')
    .select('id')
    .where('slug', '=', session.slug)
    .executeTakeFirstOrThrow()
  return { operatorId: row.id as string, mode: session.mode }
}

/** Signed up, keys pasted and furnished. */
export async function ready(product: Product, options: { webhook?: boolean; manual?: boolean } = {}) {
  const session = await signUp(product)
  await connectStripe(session, product, options)
  return { session, set: await furnish(session, options) }
}
