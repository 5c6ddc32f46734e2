/**
 * Many operators on one installation, half with own keys and half connected, each with one payment that waits for the renter's bank. Time
 * stands and nothing is delivered by itself, so whatever changes a row afterwards was told to.
 */
import { inScope } from '#platform'
import { planBackFill } from '#recovery'
import { eventually, type Product, type Session } from '#test/product'
import { onboarded, status } from './connected.ts'
import { control, openLane } from './faulty.ts'
import { holdJobs, operatorIdOf } from './fingerprints.ts'
import { cardOnFile, checkOut, furnish, invoiceOf, saveCard } from './walk.ts'
import { asPlatform } from './world.ts'

export type Tenant = {
  readonly kind: 'own_keys' | 'connect'
  readonly session: Session
  readonly operatorId: string
  readonly account: string
  readonly invoiceId: string
  /** Of the payment that waits, at Stripe. */
  readonly intentId: string
  /** Where the bank asks the renter. */
  readonly challenge: string
  /** What Stripe is asked with in this account. */
  readonly headers: Readonly<Record<string, string>>
}

const challenged = '4000002760003184'
const atOnce = 4

export async function openTenants(product: Product, count: number): Promise<readonly Tenant[]> {
  const tenants: Tenant[] = []
  for (let made = 0; made < count; made += atOnce) {
    const places = Array.from({ length: Math.min(atOnce, count - made) }, (_, index) => made + index)
    tenants.push(...(await Promise.all(places.map((place) => openTenant(product, place)))))
  }
  return tenants
}

async function openTenant(product: Product, place: number): Promise<Tenant> {
  const kind = place % 2 === 0 ? 'own_keys' : 'connect'
  const { session, account, headers } =
    kind === 'own_keys' ? await withOwnKeys(product, place) : await connected(product)
  const set = await furnish(session)
  await saveCard(session, product, set.renterId, challenged)
  await cardOnFile(session, set.renterId)
  const { invoiceId } = await checkOut(session, set)
  const waiting = await eventually(
    () => invoiceOf(session, invoiceId),
    ({ payments }) => payments[0]?.state === 'requires_action',
  )
  const [intentId] = waiting.payments[0].stripeIds.filter((id: string) => id.startsWith('pi_'))
  const link = await session.good('POST', `/invoices/${invoiceId}/pay-link`)
  const { url: challenge } = await session.good('POST', `/api/v1${new URL(link.url).pathname}/authenticate`)
  const operatorId = await operatorIdOf(product, session)
  return { kind, session, operatorId, account, invoiceId, intentId, challenge, headers }
}

async function withOwnKeys(product: Product, place: number) {
  const { session, account, secretKey } = await openLane(product, `Desks ${place}`)
  return { session, account, headers: { Authorization: `Bearer ${secretKey}` } }
}

async function connected(product: Product) {
  const { session, accountId } = await onboarded(product)
  await status(session, 'active')
  return { session, account: accountId, headers: asPlatform(product, accountId) }
}

/** What the round of every minute does for a new connection, done now, so that it does not come in between. */
export function catchUp({ ground: { database } }: Product, { operatorId }: Tenant): Promise<void> {
  return inScope(database, { operatorId, mode: 'test' }, (rows) =>
    planBackFill(rows, { isStart: true, hasPending: false }),
  )
}

/** Time stands, what waits for its time waits longer, and the sandbox keeps its deliveries to itself until they are sent one by one. */
export async function holdEverything(product: Product): Promise<void> {
  product.clock.standAt(product.clock.now())
  await holdJobs(product)
  await control(product, 'POST', '/faults', { where: 'webhook', effect: 'drop', times: null })
}

/** The renter confirms with the bank; nobody here is told. */
export function confirmAtBank(product: Product, { challenge }: Tenant): void {
  const token = new URL(challenge).pathname.split('/').at(-1)!
  product.sandbox.stripe.finishChallenge({ token, outcome: 'complete' })
}

/** What Stripe tried to deliver about this object, after it was tried. */
export async function untilTried(product: Product, about: { type: string; objectId: string }) {
  const { stripe } = product.sandbox
  const [event] = await eventually(
    async () => stripe.listEvents(100_000).filter((one) => one.type === about.type && one.objectId === about.objectId),
    (found) => found.length > 0,
  )
  const [delivery] = await eventually(
    async () => stripe.listDeliveries(100_000).filter(({ eventId }) => eventId === event!.id),
    (found) => found.length > 0 && found.every(({ tries }) => tries.length > 0),
  )
  return delivery!
}

/** Deliveries arrive from now on; those that were lost are sent one by one. */
export async function letDeliveriesThrough(product: Product): Promise<void> {
  await control(product, 'DELETE', '/faults')
}

/** A payment in the tenant's account whose metadata says that it is somebody else's. @returns its id at Stripe. */
export async function payWithMetadataOf(product: Product, tenant: Tenant, other: Tenant): Promise<string> {
  const intents = product.sandbox.stripe.listObjects(other.account, 'test', 'payment_intent') as any[]
  const { metadata } = intents.find(({ id }) => id === other.intentId) as { metadata: Record<string, string> }
  const form = new URLSearchParams({
    amount: '900',
    currency: 'aud',
    payment_method: 'pm_card_visa',
    confirm: 'true',
    return_url: 'https://example.com',
  })
  for (const [name, value] of Object.entries(metadata)) form.set(`metadata[${name}]`, value)
  const reply = await fetch(`${product.sandbox.url}/v1/payment_intents`, {
    method: 'POST',
    headers: tenant.headers,
    body: form,
  })
  const { id } = (await reply.json()) as { id?: string }
  if (id === undefined) throw new Error(`the sandbox answered ${reply.status}`)
  return id
}
