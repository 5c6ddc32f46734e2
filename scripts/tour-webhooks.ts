/**
 * The pictures of Settings → Webhooks: each state is provoked at the sandbox or by the product's own calls right before its picture, and
 * mended before the next one, so that every look begins with a healthy endpoint.
 */
import { consolePaths } from '#web/paths'
import { createHmac, randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { callerOf } from './tour-demo.ts'
import type { Place } from './tour-places.ts'

export type Road = {
  readonly eventId: string
  readonly sandbox: string
  /** The secret key the demo is connected with. */
  readonly secretKey: string
}

type AtStripe = { readonly id: string; readonly url: string; readonly secret: string }

const path = consolePaths({ slug: 'harbour-desks', mode: 'test' })
const at = (query: Record<string, string>) => ({ screen: 'webhooks' as const, href: path('webhooks', {}, query) })
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()

export function webhookPlaces(road: Road): readonly Place[] {
  return [
    {
      name: 'webhooks-healthy',
      ...at({ tab: 'endpoints' }),
      shows: 'A healthy endpoint with its secret',
      deed: (page) => mend(page, road),
    },
    {
      name: 'webhooks-event-missing',
      ...at({ tab: 'endpoints' }),
      shows: 'A required event is not selected at Stripe',
      deed: (page) => missEvent(page, road),
    },
    {
      name: 'webhooks-wrong-secret',
      ...at({ tab: 'endpoints' }),
      shows: 'Deliveries are refused, with the cause',
      deed: (page) => wrongSecret(page, road),
    },
    { name: 'webhooks-health', ...at({ tab: 'health' }), shows: 'How the road is doing' },
    {
      name: 'webhooks-poison',
      ...at({ tab: 'inbox', state: 'dead' }),
      shows: 'A dead letter with its reason',
      deed: (page) => poison(page, road),
    },
    {
      name: 'webhooks-rotate',
      ...at({ tab: 'endpoints' }),
      shows: 'Rotating a secret: the first step',
      deed: (page) => press(page, 'Rotate secret'),
    },
    {
      name: 'webhooks-rotation',
      ...at({ tab: 'endpoints' }),
      shows: 'A rotation in progress: both secrets with their time',
      deed: (page) => rotate(page),
    },
    {
      name: 'webhooks-inbox',
      ...at({ tab: 'inbox' }),
      shows: 'What Stripe sent and what became of it',
      deed: (page) => mend(page, road),
    },
    {
      name: 'webhooks-event',
      ...at({ tab: 'inbox', event: road.eventId }),
      shows: 'One event: what it changed, and as it was sent',
      deed: (page) => page.getByRole('heading', { name: 'As it was sent' }).waitFor(),
    },
    { name: 'webhooks-none-match', ...at({ tab: 'inbox', find: 'no.such.type' }), shows: 'No event matches' },
  ]
}

type Endpoint = {
  readonly id: string
  readonly health: string
  readonly rotation?: { readonly id: string; readonly canCancel: boolean }
}

async function ownEndpoint(page: Page): Promise<Endpoint> {
  const { rows } = (await callerOf(page)('GET', '/webhooks/endpoints')) as unknown as { rows: readonly Endpoint[] }
  const [own] = rows
  if (!own) throw new Error('The demo has no endpoint.')
  return own
}

/** Whatever an earlier picture provoked is put right, and shown so. */
async function mend(page: Page, road: Road): Promise<void> {
  const call = callerOf(page)
  const { id, rotation } = await ownEndpoint(page)
  if (rotation?.canCancel) await call('POST', `/webhooks/endpoints/${id}/rotations/${rotation.id}/cancel`)
  await call('POST', `/webhooks/endpoints/${id}/fix`)
  await deliver(road, JSON.stringify(quietEvent))
  await page.reload()
  await page
    .getByText(/Own keys|payment_intent/)
    .first()
    .waitFor({ state: 'attached' })
}

const quietEvent = {
  id: 'evt_tour_quiet',
  object: 'event',
  type: 'customer.created',
  livemode: false,
  data: { object: { id: 'cus_tour', object: 'customer' } },
}

async function missEvent(page: Page, road: Road): Promise<void> {
  const { id } = await atStripe(road)
  const call = async (form?: URLSearchParams) => {
    const init = { headers: { Authorization: `Bearer ${road.secretKey}` }, ...(form && { method: 'POST', body: form }) }
    return (await fetch(`${road.sandbox}/v1/webhook_endpoints/${id}`, init)).json() as Promise<{
      enabled_events: string[]
    }>
  }
  const { enabled_events: events } = await call()
  const fewer = events.filter((name) => name !== 'charge.refunded')
  await call(new URLSearchParams(fewer.map((name, place) => [`enabled_events[${place}]`, name])))
  await press(page, 'Check now')
  await page.getByRole('list', { name: 'Required events missing' }).waitFor()
}

async function wrongSecret(page: Page, road: Road): Promise<void> {
  await mend(page, road)
  await deliver(road, JSON.stringify(quietEvent), `whsec_${randomBytes(16).toString('hex')}`)
  await page.getByText('Deliveries refused').first().waitFor()
}

/** Signed rightly, and nothing anybody can read: it rests as a dead letter at once. */
async function poison(page: Page, road: Road): Promise<void> {
  await deliver(road, '{"object":"event","data":')
  await page
    .getByRole('button', { name: /^Replay (it|all)/ })
    .first()
    .waitFor()
}

async function rotate(page: Page): Promise<void> {
  const { id } = await ownEndpoint(page)
  const webhookSecret = `whsec_${randomBytes(16).toString('hex')}`
  await callerOf(page)('POST', `/webhooks/endpoints/${id}/rotations`, {
    path: 'paste',
    webhookSecret,
    overlapHours: 24,
  })
  await page.getByRole('heading', { name: 'Rotation in progress' }).waitFor()
  await page.getByRole('heading', { name: 'Rotation in progress' }).scrollIntoViewIfNeeded()
}

async function atStripe({ sandbox }: Road): Promise<AtStripe> {
  const found = (await (await fetch(`${sandbox}/_sandbox/endpoints`)).json()) as readonly AtStripe[]
  const [endpoint] = found.filter(({ url }) => url.includes('/api/stripe/webhook'))
  if (!endpoint) throw new Error('Stripe has no endpoint of the demo.')
  return endpoint
}

/** As Stripe would, with the endpoint's secret or another one. */
async function deliver(road: Road, body: string, otherSecret?: string): Promise<void> {
  const { url, secret } = await atStripe(road)
  const sentAt = Math.floor(Date.now() / 1000)
  const mac = createHmac('sha256', otherSecret ?? secret)
    .update(`${sentAt}.${body}`)
    .digest('hex')
  await fetch(url, { method: 'POST', body, headers: { 'Stripe-Signature': `t=${sentAt},v1=${mac}` } })
}
