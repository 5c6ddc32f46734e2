/** Troubles with a webhook endpoint: its secret changed (SBX-91), and it does not tell of payments any more (SBX-96). */
import { ControlRefused } from '../control-input.ts'
import { rollSecret } from '../delivery/secrets.ts'
import type { Row } from '../world/kinds.ts'
import type { World } from '../world/world.ts'
import type { Aim, Reading, Step, Trouble, TroubleRecord } from './trouble.ts'

type Endpoint = Row<'webhook_endpoint'>

/** The newest endpoint that is in use; one for connected accounts first, where the platform has both. */
function findEndpoint(world: World, { account, mode }: Aim): Endpoint {
  const rows = [...world.space(account, mode).newestFirst('webhook_endpoint')].filter(
    ({ object }) => object.status === 'enabled',
  )
  const found = rows.find(({ hidden }) => hidden.isConnect) ?? rows[0]
  if (found === undefined)
    throw new ControlRefused('This account has no endpoint in this mode. Make one in the product, then provoke again.')
  return found
}

/** Everything of the endpoint as it was, to be put back whole. */
function keep(endpoint: Endpoint): Readonly<Record<string, unknown>> {
  return { id: endpoint.id, object: endpoint.object, hidden: endpoint.hidden }
}

function putBack(world: World, { account, mode, kept }: TroubleRecord): void {
  const { id, object, hidden } = kept as unknown as Pick<Endpoint, 'id' | 'object' | 'hidden'>
  const space = world.space(account, mode)
  world.transaction(() => {
    if (space.find('webhook_endpoint', id) === undefined) space.insert('webhook_endpoint', id, { object, hidden })
    else space.update('webhook_endpoint', id, { object, hidden })
  })
}

function lastDelivery(world: World, { kept }: TroubleRecord): Row<'delivery'> | undefined {
  const all = world
    .spaces()
    .flatMap((space) => [...space.newestFirst('delivery', { by: ['endpoint', String(kept['id'])] })].slice(0, 1))
  return all.toSorted((one, other) => other.sequence - one.sequence)[0]
}

function readEndpoint(world: World, record: TroubleRecord): readonly Reading[] {
  const row = world.space(record.account, record.mode).find('webhook_endpoint', String(record.kept['id']))
  const delivery = lastDelivery(world, record)?.object
  const answer = delivery?.tries.at(-1)
  return [
    ['Endpoint', row === undefined ? 'deleted' : `${row.object.url}, ${row.object.status}`],
    ['Events asked for', row === undefined ? 'none' : row.object.enabled_events.join(', ')],
    [
      'Last delivery',
      delivery === undefined
        ? 'none'
        : `${delivery.eventType}: ${delivery.state}, answered ${answer?.status ?? 'nothing yet'}`,
    ],
  ]
}

function resendStep(world: World, record: TroubleRecord): readonly Step[] {
  const delivery = lastDelivery(world, record)
  return delivery === undefined
    ? []
    : [{ label: 'Send the last webhook once more', twin: `/deliveries/${delivery.id}/resend`, json: {} }]
}

export const secretMissing: Trouble = {
  number: 'SBX-91',
  name: 'secret_missing',
  title: 'Webhook secret missing on a connected account event',
  expect: 'The product refuses the next delivery, says that its secret does not fit any more, and offers Repair.',
  aims: 'endpoint',
  variants: [
    { value: 'now', label: 'The old secret expires now' },
    { value: 'overlap', label: 'The old secret signs for 24 hours more' },
  ],
  provoke({ world }, aim) {
    const endpoint = findEndpoint(world, aim)
    const space = world.space(aim.account, aim.mode)
    world.transaction(() => rollSecret(space, endpoint.id, aim.variant === 'overlap' ? 24 : 0))
    return keep(endpoint)
  },
  undo: ({ world }, record) => putBack(world, record),
  steps: ({ world }, record) => resendStep(world, record),
  read: ({ world }, record) => readEndpoint(world, record),
}

const breakages: Readonly<Record<string, (world: World, aim: Aim, endpoint: Endpoint) => void>> = {
  deleted: (world, aim, { id }) => world.space(aim.account, aim.mode).remove('webhook_endpoint', id),
  disabled: (world, aim, { id }) =>
    world.space(aim.account, aim.mode).update('webhook_endpoint', id, { object: { status: 'disabled' } }),
  wrong_url: (world, aim, { id, object }) =>
    world.space(aim.account, aim.mode).update('webhook_endpoint', id, { object: { url: `${object.url}-moved` } }),
  wrong_secret: (world, aim, { id }) => rollSecret(world.space(aim.account, aim.mode), id, 0),
  events_removed(world, aim, { id, object }) {
    const isAboutPayments = (type: string): boolean => /^(?:payment_intent|charge)\.succeeded$/.test(type)
    const rest = object.enabled_events.filter((type) => !isAboutPayments(type))
    if (rest.length === object.enabled_events.length || rest.length === 0)
      throw new ControlRefused('This endpoint names no events of payments that could be taken away.')
    world.space(aim.account, aim.mode).update('webhook_endpoint', id, { object: { enabled_events: rest } })
  },
}

export const paymentsPending: Trouble = {
  number: 'SBX-96',
  name: 'payments_pending',
  title: 'Payments stuck in "Pending"',
  expect:
    'A payment made now turns Paid all the same, because the product asks by itself; its diagnosis names what is wrong.',
  aims: 'endpoint',
  variants: [
    { value: 'deleted', label: 'The endpoint is deleted' },
    { value: 'disabled', label: 'The endpoint is disabled' },
    { value: 'wrong_url', label: 'Its address is wrong' },
    { value: 'wrong_secret', label: 'Its secret is another' },
    { value: 'events_removed', label: 'The events of payments are missing' },
  ],
  provoke({ world }, aim) {
    const endpoint = findEndpoint(world, aim)
    world.transaction(() => breakages[aim.variant]?.(world, aim, endpoint))
    return keep(endpoint)
  },
  undo: ({ world }, record) => putBack(world, record),
  read: ({ world }, record) => readEndpoint(world, record),
}
