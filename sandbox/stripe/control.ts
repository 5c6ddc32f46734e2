/**
 * The control API under /_sandbox, JSON only: what tests and scripts need beyond Stripe's own API. Whoever may reach it can
 * read every key, so the listener lets in loopback callers only, or those who bring the sandbox's token.
 */
import { json } from '../http.ts'
import type { Route, SandboxReply, SandboxRequest } from '../http.ts'
import { FaultRefused, describeFault } from './faults.ts'
import { currencies } from './facts.ts'
import { post } from './money/books.ts'
import { createAccount, createKey, readKeySet } from './objects/account.ts'
import type { RunningSandbox } from './stripe-sandbox.ts'
import type { AccountSettings, KeyRecord, Kind } from './world/kinds.ts'
import type { Mode } from './views.ts'

type Loose = Readonly<Record<string, unknown>>

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
  const at = '/_sandbox'
  const route = (method: Route['method'], path: string, handle: Route['handle']): Route[] => [
    { method, pattern: `${at}${path}`, isForPrograms: true, handle: guarded(handle) },
  ]
  return [
    ...route('GET', '/health', () => health(sandbox)),
    ...route('GET', '/accounts', () => json(sandbox.accounts())),
    ...route('POST', '/accounts', (request) => makeAccount(sandbox, readJson(request))),
    ...route('POST', '/keys', (request) => makeKey(sandbox, readJson(request))),
    ...route('POST', '/keys/:key/:state', (_, { key = '', state = '' }) => changeKey(sandbox, key, state)),
    ...route('GET', '/state', (request) => describeState(sandbox, request.url.searchParams)),
    ...route('POST', '/reset', (request) => reset(sandbox, readJson(request))),
    ...route('GET', '/requests', ({ url }) => json(sandbox.listRequests(readLimit(url)))),
    ...route('GET', '/events', ({ url }) => json(sandbox.listEvents(readLimit(url)))),
    ...route('GET', '/deliveries', ({ url }) => json(sandbox.listDeliveries(readLimit(url)))),
    ...route('POST', '/deliveries/:id/resend', (_, { id = '' }) => resend(sandbox, id)),
    ...route('POST', '/idempotency/forget', () => json({ forgotten: sandbox.forgetIdempotencyKeys() })),
    ...route('POST', '/settings', (request) => changeSettings(sandbox, readJson(request))),
    ...route('POST', '/funds', (request) => addFunds(sandbox, readJson(request))),
    ...route('GET', '/faults', () => json(sandbox.faults.list().map(describeFault))),
    ...route('POST', '/faults', (request) => json(describeFault(sandbox.faults.arm(readJson(request))), 201)),
    ...route('DELETE', '/faults', () => json({ cleared: sandbox.faults.clear() })),
    ...route('DELETE', '/faults/:id', (_, { id = '' }) => clearFault(sandbox, id)),
  ]
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

/** Thrown for input the control API cannot use; the message names the field. */
class ControlRefused extends Error {}

function guarded(handle: Route['handle']): Route['handle'] {
  return async (request, params) => {
    try {
      return await handle(request, params)
    } catch (error) {
      if (error instanceof FaultRefused || error instanceof ControlRefused) return json({ error: error.message }, 400)
      throw error
    }
  }
}

function text(body: string, status = 200): SandboxReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

function readJson(request: SandboxRequest): Loose {
  if (request.body.length === 0) return {}
  try {
    const read: unknown = JSON.parse(request.body.toString('utf8'))
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Loose
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new ControlRefused('The body must be a JSON object.')
}

function readLimit(url: URL): number {
  const asked = Number(url.searchParams.get('limit') ?? 100)
  if (!Number.isInteger(asked) || asked < 1 || asked > 10_000)
    throw new ControlRefused('limit must be a whole number from 1 to 10000.')
  return asked
}

function readWord(given: unknown, field: string): string {
  if (typeof given !== 'string' || given.trim() === '') throw new ControlRefused(`${field} must be a text.`)
  return given
}

function readMode(given: unknown): Mode {
  if (given === undefined || given === 'test') return 'test'
  if (given === 'live') return 'live'
  throw new ControlRefused('mode must be "test" or "live".')
}

function readAccount(sandbox: RunningSandbox, given: unknown): string {
  const id = readWord(given, 'account')
  if (sandbox.world.root.find('account', id) === undefined) throw new ControlRefused(`account: there is no ${id}.`)
  return id
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
  const account = readAccount(sandbox, given['account'])
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
  const account = readAccount(sandbox, query.get('account') ?? sandbox.accounts()[0]?.id)
  const space = sandbox.world.space(account, readMode(query.get('mode') ?? undefined))
  const counts = Object.fromEntries(countedKinds.map((kind) => [kind, space.table(kind).size]))
  const charges = sandbox.listObjects(account, space.mode, 'charge')
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

function changeSettings(sandbox: RunningSandbox, given: Loose): SandboxReply {
  const { deliveryOrder: order, account: named, ...wished } = given
  if (order !== undefined) {
    if (order !== 'shuffled' && order !== 'as_created')
      throw new ControlRefused('deliveryOrder must be "shuffled" or "as_created".')
    sandbox.deliveryOrder = order
    if (Object.keys(wished).length === 0) return json({ deliveryOrder: order })
  }
  const account = readAccount(sandbox, named)
  const changes = readSettings(wished)
  const { world } = sandbox
  const row = world.transaction(() => {
    const { settings } = world.root.get('account', account).hidden
    return world.root.update('account', account, { hidden: { settings: { ...settings, ...changes } } })
  })
  return json({ account, settings: row.hidden.settings })
}

/** What each setting of an account may be. */
const settingChoices: Readonly<Record<string, readonly unknown[]>> = {
  refundWithoutFunds: ['pend', 'reject', 'overdraw'],
  balanceTransactionOnCharge: ['at_once', 'late'],
  strictReturnUrl: [true, false],
}

function readSettings(given: Loose): Partial<AccountSettings> {
  for (const [name, value] of Object.entries(given)) {
    const choices = settingChoices[name]
    if (choices === undefined) throw new ControlRefused(`${name} is no setting.`)
    if (!choices.includes(value)) {
      throw new ControlRefused(`${name} must be one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}.`)
    }
  }
  if (Object.keys(given).length === 0) throw new ControlRefused('Name a setting, such as "refundWithoutFunds".')
  return given
}

/** Money from nowhere, as a top-up that is available at once, so that refunds need not wait for card funds. */
function addFunds(sandbox: RunningSandbox, given: Loose): SandboxReply {
  const account = readAccount(sandbox, given['account'])
  const amount = given['amountMinor']
  const currency = readWord(given['currency'], 'currency').toLowerCase()
  if (!Number.isInteger(amount) || (amount as number) <= 0)
    throw new ControlRefused('amountMinor must be a whole number above 0.')
  if (!currencies.has(currency)) throw new ControlRefused(`currency: ${currency} is not known.`)
  const { world } = sandbox
  const space = world.space(account, readMode(given['mode']))
  const topUp = {
    type: 'topup',
    reportingCategory: 'topup',
    amount: amount as number,
    fee: 0,
    source: null,
    description: 'Top-up',
  } as const
  const row = world.transaction(() => post(space, { ...topUp, currency, availableOn: world.nowSeconds() }))
  return json(row.object, 201)
}

function clearFault(sandbox: RunningSandbox, id: string): SandboxReply {
  return sandbox.faults.clear(id) === 0 ? json({ error: 'There is no such fault.' }, 404) : json({ cleared: id })
}
