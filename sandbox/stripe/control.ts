/**
 * The control API under /_sandbox, JSON only: what tests and scripts need beyond Stripe's own API. Whoever may reach it can
 * read every key, so the listener lets in loopback callers only, or those who bring the sandbox's token.
 */
import { json } from '../http.ts'
import type { Route, SandboxReply } from '../http.ts'
import {
  ControlRefused,
  controlRoute,
  onTime,
  readAccount,
  readJson,
  readLimit,
  readMode,
  readWord,
} from './control-input.ts'
import type { Loose } from './control-input.ts'
import { changeSettings } from './control-settings.ts'
import { currencies } from './facts.ts'
import { faultRoutes } from './faults/fault-routes.ts'
import { createAccount, createKey, readKeySet } from './objects/account.ts'
import { addFundsAtOnce } from './payouts/topups/topups.ts'
import type { RunningSandbox } from './stripe-sandbox.ts'
import type { KeyRecord, Kind } from './world/kinds.ts'

const countedKinds: readonly Kind[] = [
  'balance_transaction',
  'charge',
  'checkout.session',
  'customer',
  'delivery',
  'dispute',
  'event',
  'payment_intent',
  'payment_method',
  'refund',
  'setup_intent',
  'stored_answer',
  'webhook_endpoint',
]

export function controlRoutes(sandbox: RunningSandbox): Route[] {
  const routes = [
    controlRoute('GET', '/health', () => health(sandbox)),
    controlRoute('GET', '/accounts', () => json(sandbox.accounts())),
    controlRoute('POST', '/accounts', (request) => makeAccount(sandbox, readJson(request))),
    controlRoute('POST', '/keys', (request) => makeKey(sandbox, readJson(request))),
    controlRoute('POST', '/keys/:key/:state', (_, { key = '', state = '' }) => changeKey(sandbox, key, state)),
    controlRoute('GET', '/state', (request) => describeState(sandbox, request.url.searchParams)),
    controlRoute('POST', '/reset', (request) => reset(sandbox, readJson(request))),
    controlRoute('GET', '/requests', ({ url }) => json(sandbox.listRequests(readLimit(url)))),
    controlRoute('GET', '/events', ({ url }) => json(sandbox.listEvents(readLimit(url)))),
    controlRoute('GET', '/deliveries', ({ url }) => json(sandbox.listDeliveries(readLimit(url)))),
    controlRoute('POST', '/deliveries/:id/resend', (_, { id = '' }) => resend(sandbox, id)),
    controlRoute('POST', '/idempotency/forget', () => json({ forgotten: sandbox.forgetIdempotencyKeys() })),
    controlRoute('POST', '/settings', (request) => changeSettings(sandbox, readJson(request))),
    controlRoute('POST', '/funds', (request) => addFunds(sandbox, readJson(request))),
    ...faultRoutes(sandbox.faults).map(({ method, path, answer }) =>
      controlRoute(method, path, (request, { id = '' }) => answer({ given: () => readJson(request), id })),
    ),
  ]
  return routes.map((route) => onTime(sandbox.world, route))
}

/** The receipt a charge's `receipt_url` points to. */
export function receiptRoute(sandbox: RunningSandbox): Route {
  return {
    method: 'GET',
    pattern: '/receipts/:id',
    handle: (_, { id = '' }) => {
      const charge = sandbox.world
        .spaces()
        .map((space) => space.find('charge', id)?.object)
        .find((found) => found !== undefined)
      if (charge === undefined) return text('There is no such receipt.', 404)
      const amount = `${charge.amount_captured} ${charge.currency.toUpperCase()} (smallest units)`
      return text(`Sandbox - no real money.\n\nReceipt ${charge.id}\nPaid ${amount}\n${charge.description ?? ''}\n`)
    },
  }
}

function text(body: string, status = 200): SandboxReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

function health(sandbox: RunningSandbox): SandboxReply {
  const view = sandbox.health(true)
  return json(view, view.ok ? 200 : 500)
}

function makeAccount(sandbox: RunningSandbox, given: Loose): SandboxReply {
  const { world } = sandbox
  const currency = readWord(given['currency'] ?? 'aud', 'currency').toLowerCase()
  const country = readWord(given['country'] ?? 'AU', 'country').toUpperCase()
  if (!currencies.has(currency)) throw new ControlRefused(`currency: ${currency} is not known.`)
  if (!/^[A-Z]{2}$/.test(country)) throw new ControlRefused('country must be two letters.')
  const name = readWord(given['name'], 'name')
  const { id } = world.transaction(() => createAccount(world, { name, country, currency }))
  return json({ id, name, keys: { test: readKeySet(world, id, 'test'), live: readKeySet(world, id, 'live') } }, 201)
}

function makeKey(sandbox: RunningSandbox, given: Loose): SandboxReply {
  const { world } = sandbox
  const account = readAccount(sandbox.world, given['account'])
  const mode = readMode(given['mode'])
  const kind = given['kind'] ?? 'restricted'
  if (kind !== 'restricted' && kind !== 'secret' && kind !== 'publishable') {
    throw new ControlRefused('kind must be "restricted", "secret" or "publishable".')
  }
  const permissions = given['permissions'] ?? []
  if (!Array.isArray(permissions) || !permissions.every((one) => typeof one === 'string')) {
    throw new ControlRefused('permissions must be a list of texts such as "payment_intent_write".')
  }
  return json(
    world.transaction(() => createKey(world, { account, mode, kind, permissions })),
    201,
  )
}

function changeKey(sandbox: RunningSandbox, key: string, state: string): SandboxReply {
  const states: Readonly<Record<string, KeyRecord['state']>> = {
    revoke: 'revoked',
    expire: 'expired',
    restore: 'active',
  }
  const wanted = states[state]
  if (wanted === undefined) return json({ error: 'Use revoke, expire or restore.' }, 404)
  const { world } = sandbox
  if (world.root.find('key', key) === undefined) return json({ error: 'There is no such key.' }, 404)
  return json(world.transaction(() => world.root.update('key', key, { object: { state: wanted } })).object)
}

/** Counts per kind, and the charges, which is what "charged once" is checked against. */
function describeState(sandbox: RunningSandbox, query: URLSearchParams): SandboxReply {
  const account = readAccount(sandbox.world, query.get('account') ?? sandbox.accounts()[0]?.id)
  const space = sandbox.world.space(account, readMode(query.get('mode') ?? undefined))
  const counts = Object.fromEntries(countedKinds.map((kind) => [kind, space.table(kind).size]))
  const limit = query.get('limit') === null ? Infinity : Number(query.get('limit'))
  const charges = sandbox.listObjects(account, space.mode, 'charge').slice(0, limit)
  const { object: balance } = space.find('balance_sheet', 'balance') ?? { object: null }
  return json({ account, mode: space.mode, counts, balance, charges })
}

function reset(sandbox: RunningSandbox, given: Loose): SandboxReply {
  sandbox.reset(given['seed'] === undefined ? undefined : readWord(given['seed'], 'seed'))
  return json({ reset: true })
}

function resend(sandbox: RunningSandbox, deliveryId: string): SandboxReply {
  return sandbox.resendDelivery(deliveryId)
    ? json({ resent: deliveryId })
    : json({ error: 'There is no such delivery, or it is older than 15 days.' }, 404)
}

/** Money from nowhere, as a top-up that is available at once, so that refunds need not wait for card funds. */
function addFunds(sandbox: RunningSandbox, given: Loose): SandboxReply {
  const account = readAccount(sandbox.world, given['account'])
  const amount = given['amountMinor']
  const currency = readWord(given['currency'], 'currency').toLowerCase()
  if (!Number.isInteger(amount) || (amount as number) <= 0)
    throw new ControlRefused('amountMinor must be a whole number above 0.')
  if (!currencies.has(currency)) throw new ControlRefused(`currency: ${currency} is not known.`)
  const { world } = sandbox
  const space = world.space(account, readMode(given['mode']))
  const wish = { amount: amount as number, currency, description: 'Top-up' }
  const row = world.transaction(() => addFundsAtOnce(space, wish))
  return json(row.object, 201)
}
