/**
 * Everything that can be typed wrong or go wrong at Stripe while an operator is being connected (stripe.md §3, §4, §16), each as a deed
 * that provokes it in the running product. What the product then says is not written here: docs/connection-troubles.md is printed from it.
 */
import { eventually } from '#test/product'
import { badge, saidIn, testRow, type Chapter, type Scene, type Trouble } from './trouble.ts'
import { links, making, standing } from './troubles-of-connect.ts'
import { answered, later, pasted } from './troubles-of-keys.ts'

export function listChapters(scene: Scene): readonly Chapter[] {
  return [
    { title: 'Own keys: what is pasted', troubles: pasted(scene) },
    { title: 'Own keys: what Stripe answers to them', troubles: answered(scene) },
    { title: 'Own keys: later', troubles: later(scene) },
    { title: 'The webhook', troubles: webhook(scene) },
    { title: 'Stripe Connect: making the account', troubles: making(scene) },
    { title: 'Stripe Connect: the way to Stripe’s form', troubles: links(scene) },
    { title: 'Stripe Connect: how the account stands', troubles: standing(scene) },
    { title: 'The payout schedule', troubles: schedule(scene) },
  ]
}

function webhook({ product, fresh, lane }: Scene): readonly Trouble[] {
  const { session, secretKey } = lane
  const atStripe = async (method: string, path: string, form: Record<string, string> | [string, string][] = {}) => {
    const reply = await fetch(`${product.sandbox.url}/v1/webhook_endpoints${path}`, {
      method,
      headers: { Authorization: `Bearer ${secretKey}` },
      ...(method === 'POST' && { body: new URLSearchParams(form) }),
    })
    return (await reply.json()) as any
  }
  const ours = async () => (await atStripe('GET', '')).data[0]
  const checked = async () => session.good('POST', '/connections/stripe/endpoint/check')
  return [
    {
      about: 'STR-23c',
      what: 'A webhook secret before there are keys',
      provoke: async () =>
        saidIn(
          await fresh.refused('PUT', '/connections/stripe/webhook-secret', {
            webhookSecret: `whsec_${'f'.repeat(32)}`,
          }),
        ),
    },
    {
      about: 'STR-46',
      what: 'Two of the required events are not selected',
      async provoke() {
        const { id, enabled_events: events } = await ours()
        const left = events.filter((name: string) => !['charge.refunded', 'refund.updated'].includes(name))
        await atStripe(
          'POST',
          `/${id}`,
          left.map((name: string) => ['enabled_events[]', name]),
        )
        await checked()
        return testRow(await session.good('POST', '/connections/stripe/test'), 'events_selected')
      },
    },
    {
      about: 'STR-46',
      what: 'The same on the card',
      provoke: async () => badge(await session.good('GET', '/connections/stripe'), 1),
    },
    {
      about: 'STR-46',
      what: 'The endpoint is switched off at Stripe',
      async provoke() {
        await session.good('POST', '/connections/stripe/endpoint/repair')
        await atStripe('POST', `/${(await ours()).id}`, { disabled: 'true' })
        await checked()
        return badge(await session.good('GET', '/connections/stripe'), 1)
      },
    },
    {
      about: 'STR-137',
      what: 'The endpoint was deleted at Stripe',
      async provoke() {
        await atStripe('DELETE', `/${(await ours()).id}`)
        await checked()
        return badge(await session.good('GET', '/connections/stripe'), 1)
      },
    },
    {
      about: 'STR-44',
      what: 'A seventeenth endpoint',
      async provoke() {
        for (let place = 1; place <= 16; place += 1)
          await atStripe('POST', '', [
            ['url', `https://other.example/${place}`],
            ['enabled_events[]', 'charge.failed'],
          ])
        return saidIn(await session.refused('POST', '/connections/stripe/endpoint'))
      },
    },
    {
      about: 'STR-54',
      what: 'Deliveries whose signature does not match',
      async provoke() {
        await session.good('PUT', '/connections/stripe/webhook-secret', { webhookSecret: `whsec_${'a'.repeat(32)}` })
        const { webhook: seen } = await session.good('GET', '/connections/stripe')
        product.clock.advance(2_000)
        await fetch(seen.addresses.own, { method: 'POST', headers: { 'Stripe-Signature': 't=1,v1=0' }, body: '{}' })
        await product.ground.receiver.settle()
        const { badges } = await eventually(
          () => session.good('GET', '/connections/stripe'),
          ({ badges: found }) => found[1]?.label === 'Deliveries refused',
        )
        return badge({ badges }, 1)
      },
    },
  ]
}

function schedule({ lane }: Scene): readonly Trouble[] {
  const wrong = (what: string, wish: object): Trouble => ({
    about: 'STR-132',
    what,
    async provoke() {
      const { body } = await lane.session.refused('PUT', '/payouts/schedule', {
        weeklyDays: [],
        monthlyDays: [],
        ...wish,
      })
      const [field] = body.errors ?? []
      return { title: body.title, cause: field?.detail ?? body.detail, next: body.nextStep }
    },
  })
  return [
    wrong('Weekly on a Saturday', { interval: 'weekly', weeklyDays: ['saturday'] }),
    wrong('Weekly on no day', { interval: 'weekly' }),
    wrong('Weekly on the same day twice', { interval: 'weekly', weeklyDays: ['friday', 'friday'] }),
    wrong('Monthly on day 0', { interval: 'monthly', monthlyDays: [0] }),
    wrong('Monthly on day 32', { interval: 'monthly', monthlyDays: [32] }),
  ]
}
