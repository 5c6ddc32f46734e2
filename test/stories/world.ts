/**
 * An operator with one of everything, at rest: each text holds a canary, so that a single word of it in another operator's hands is
 * noticed (TRU-280).
 */
import { eventually, requestKey, type Product, type Session } from '#test/product'
import { connect, status } from './connected.ts'
import { control } from './faulty.ts'
import { operatorIdOf, untilAtRest } from './fingerprints.ts'
import {
  cardOnFile,
  checkOut,
  connectStripe,
  furnish,
  invoiceOf,
  labelled,
  sandboxKeys,
  saveCard,
  signUp,
  today,
} from './walk.ts'

export type World = {
  readonly session: Session
  readonly slug: string
  readonly operatorId: string
  /** Stands in every name, title, text, reason and reference of this operator. */
  readonly canary: string
  readonly today: string
  readonly keys: ReturnType<typeof sandboxKeys>
  readonly companyVersion: number
  readonly taxRateId: string
  readonly categoryId: string
  readonly agreementId: string
  /** Free. */
  readonly spaceId: string
  readonly renterId: string
  readonly renterVersion: number
  readonly leaseId: string
  /** Cash may be recorded on it. */
  readonly openInvoiceId: string
  readonly paidInvoiceId: string
  /** Of the paid invoice, partly refunded. */
  readonly paymentId: string
  /** Of that payment, and succeeded. */
  readonly refundId: string
  readonly methodId: string
  readonly setupId: string
  readonly eventId: string
  readonly connectionId: string
  /** Made by hand in Stripe. */
  readonly payoutId: string
  /** Of the own keys; its secret is being rotated. */
  readonly endpointId: string
  readonly rotationId: string
  /** Of the link to the open invoice. */
  readonly token: string
  /** One of the first steps. */
  readonly step: string
  /** A short word not drawn before. */
  draw(prefix: string): string
}

type Wish = {
  /** Whose keys of the sandbox are pasted. */
  readonly account?: string
  /** An account of its own is connected instead of keys pasted; endpoint and rotation are then ids nobody has. */
  readonly isConnected?: boolean
}

export async function makeWorld(product: Product, options: Wish = {}): Promise<World> {
  const canary = `Kanarie${crypto.randomUUID().slice(0, 8)}`
  const session = await signUp(product, `${canary} Owner`)
  const { account, isConnected = false } = options
  const accountId = isConnected ? (await connect(product, session)).accountId : sandboxKeys(product, account).accountId
  if (isConnected) await status(session, 'active')
  else await connectStripe(session, product, account === undefined ? {} : { account })
  const company = await nameEverything(session, canary)
  const set = await furnish(session, { tag: canary })
  const setupKey = requestKey()
  await saveCard(session, product, set.renterId, '4242424242424242', setupKey)
  await cardOnFile(session, set.renterId)
  const { leaseId, invoiceId: paidInvoiceId } = await checkOut(session, set)
  const paid = await labelled(session, paidInvoiceId, 'Paid')
  const byHand = await furnish(session, { manual: true, tag: canary })
  const { invoiceId: openInvoiceId } = await checkOut(session, byHand)
  const free = await furnish(session, { manual: true, tag: canary })
  await control(product, 'POST', '/funds', {
    account: accountId,
    mode: 'test',
    currency: 'aud',
    amountMinor: 1_000_000,
  })
  const [paymentId] = paid.payments.map(({ id }: any) => id)
  await session.good('POST', `/invoices/${paidInvoiceId}/refund`, {
    requestKey: requestKey(),
    paymentId,
    amount: '1.00',
    reason: canary,
  })
  const link = await session.good('POST', `/invoices/${openInvoiceId}/pay-link`)
  const rotated = isConnected ? {} : await beginRotation(session)
  const { refunds: refunded } = await eventually(
    () => invoiceOf(session, paidInvoiceId),
    ({ refunds }) => refunds.length > 0 && refunds.every(({ state }: any) => state === 'succeeded'),
  )
  const payoutId = await makePayout(
    session,
    product,
    isConnected ? asPlatform(product, accountId) : withKey(product, account),
  )
  const operatorId = await operatorIdOf(product, session)
  await untilAtRest(product, session, operatorId)
  const renter = await session.good('GET', `/renters/${set.renterId}`)
  const { taxRates } = await session.good('GET', '/settings/tax-rates')
  const { current } = await session.good('GET', '/agreements')
  const { rows: events } = await session.good('GET', '/webhooks/events?limit=100')
  let drawn = 0
  return {
    ...unknownIds(),
    session,
    slug: session.slug,
    operatorId,
    canary,
    today: await today(session),
    keys: sandboxKeys(product, account),
    companyVersion: company.version,
    taxRateId: taxRates[0].id,
    categoryId: free.categoryId,
    agreementId: current.id,
    spaceId: free.spaceId,
    renterId: set.renterId,
    renterVersion: renter.version,
    leaseId,
    openInvoiceId,
    paidInvoiceId,
    paymentId,
    refundId: refunded[0].id,
    methodId: renter.methods[0].id,
    setupId: `stp_${setupKey.replaceAll('-', '')}`,
    // Of something Stripe can be asked about; what came last may be a balance.
    eventId: events.find(({ type }: any) => type.startsWith('payment_intent.')).id,
    connectionId: (await session.good('GET', isConnected ? '/connect' : '/connections/stripe')).id,
    payoutId,
    ...rotated,
    step: '3',
    token: new URL(link.url).pathname.split('/').at(-1)!,
    draw: (prefix) => `${prefix}${(drawn += 1).toString(36).toUpperCase()}`,
  }
}

/** A signed-in owner who has nothing: for what is decided before anything is looked up. */
export async function makeEmptyWorld(product: Product): Promise<World> {
  const session = await signUp(product)
  return withUnknownIds({
    session,
    slug: session.slug,
    operatorId: await operatorIdOf(product, session),
    canary: 'Kanarie',
    today: await today(session),
    keys: sandboxKeys(product),
    companyVersion: 1,
    renterVersion: 1,
    step: '3',
    token: 'x'.repeat(43),
    draw: (prefix: string) => `${prefix}1`,
  })
}

const prefixes = {
  taxRateId: 'tax',
  categoryId: 'cat',
  agreementId: 'agr',
  spaceId: 'spc',
  renterId: 'rnt',
  leaseId: 'lse',
  openInvoiceId: 'inv',
  paidInvoiceId: 'inv',
  paymentId: 'pay',
  refundId: 'rfd',
  methodId: 'met',
  connectionId: 'con',
  endpointId: 'con',
  rotationId: 'rot',
  setupId: 'stp',
  eventId: 'ibx',
  payoutId: 'pyo',
} as const

/** The same world with ids that no one ever had. */
export function withUnknownIds(world: Omit<World, keyof typeof prefixes>): World {
  return { ...world, ...unknownIds() }
}

function unknownIds(): Pick<World, keyof typeof prefixes> {
  const ids = Object.entries(prefixes).map(([name, prefix]) => [
    name,
    `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`,
  ])
  return Object.fromEntries(ids) as Pick<World, keyof typeof prefixes>
}

async function beginRotation(session: Session): Promise<Pick<World, 'endpointId' | 'rotationId'>> {
  const [endpoint] = (await session.good('GET', '/webhooks/endpoints')).rows
  const rotations = `/webhooks/endpoints/${endpoint.id}/rotations`
  const webhookSecret = `whsec_${requestKey()}`
  const { rotation } = await session.good('POST', rotations, { path: 'paste', webhookSecret })
  return { endpointId: endpoint.id, rotationId: rotation.id }
}

const withKey = (product: Product, account?: string) => ({
  Authorization: `Bearer ${sandboxKeys(product, account).secretKey}`,
})

/** What Stripe is asked with in an account that was connected here. */
export function asPlatform(product: Product, accountId: string) {
  return { ...withKey(product, 'Rental Platform'), 'Stripe-Account': accountId }
}

/** In the account's own currency, as somebody makes one in Stripe's Dashboard. @returns its id here. */
async function makePayout(session: Session, { sandbox }: Product, headers: Record<string, string>): Promise<string> {
  const ask = async (path: string, init: RequestInit = {}): Promise<any> =>
    (await fetch(`${sandbox.url}${path}`, { headers, ...init })).json()
  const { id: account, default_currency: currency } = await ask('/v1/account')
  const funds = JSON.stringify({ account, mode: 'test', currency, amountMinor: 1000 })
  await ask('/_sandbox/funds', { method: 'POST', body: funds })
  const made = await ask('/v1/payouts', { method: 'POST', body: new URLSearchParams({ amount: '1000', currency }) })
  // It may be found by asking before its own news are there.
  await eventually(
    () => session.good('GET', `/webhooks/events?object=${made.id}`),
    (list) => list.rows.some(({ state }: any) => state === 'done'),
  )
  const { rows } = await session.good('GET', '/payouts')
  return rows.find(({ stripeId }: any) => stripeId === made.id).id
}

async function nameEverything(session: Session, canary: string) {
  const {
    slug: _slug,
    updatedAt: _at,
    isCurrencyFixed: _fixed,
    ...company
  } = await session.good('GET', '/settings/company')
  await session.good('POST', '/settings/tax-rates', { name: `${canary} tax`, percent: '10', treatment: 'taxable' })
  return session.good('PUT', '/settings/company', {
    ...company,
    name: `${canary} Desks`,
    legalName: `${canary} Desks Pty Ltd`,
    address: `${canary} Pier`,
  })
}
