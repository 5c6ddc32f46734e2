/** The control API of what an owner does by hand: any deed of Stripe's dashboard, keys rolled, a bank account replaced. */
import { json } from '../../http.ts'
import type { Route, SandboxReply } from '../../http.ts'
import { readBankAccount } from '../connect/bank-accounts.ts'
import { ControlRefused, controlRoute, onTime, readAccount, readJson, readMode, readWord } from '../control-input.ts'
import type { Loose } from '../control-input.ts'
import { StripeRefusal } from '../errors.ts'
import { createKey } from '../objects/account.ts'
import type { RunningSandbox } from '../stripe-sandbox.ts'
import type { World } from '../world/world.ts'
import { issueInvoice } from './issue-invoice.ts'
import type { InvoiceByHand } from './issue-invoice.ts'
import type { OwnerAct } from './owner.ts'
import { replaceBankAccount } from './replace-bank.ts'

export function dashboardRoutes(sandbox: RunningSandbox): Route[] {
  const { world } = sandbox
  return [
    controlRoute('POST', '/act', (request) => {
      const { status, body } = sandbox.dashboard.act(readAct(world, readJson(request)))
      return json(body, status)
    }),
    controlRoute('POST', '/keys/:key/roll', (_, { key = '' }) => rollKey(world, key)),
    onTime(
      world,
      controlRoute('POST', '/accounts/:id/bank', (request, { id = '' }) => replaceBank(world, id, readJson(request))),
    ),
    controlRoute('POST', '/accounts/:id/invoice', (request, { id = '' }) => {
      const { status, body } = issueInvoice(sandbox.dashboard, readInvoice(world, id, readJson(request)))
      return json(body, status)
    }),
  ]
}

/** `{account, mode, method, path, parameters}`: what the owner of the account does by hand, answered as the API would. */
function readAct(world: World, given: Loose): OwnerAct {
  const { method = 'POST', parameters = {} } = given
  if (method !== 'GET' && method !== 'POST' && method !== 'DELETE')
    throw new ControlRefused('method must be "GET", "POST" or "DELETE".')
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    throw new ControlRefused('parameters must be an object.')
  return {
    account: readAccount(world, given['account']),
    mode: readMode(given['mode']),
    method,
    path: readWord(given['path'], 'path'),
    parameters: parameters as Loose,
  }
}

function readInvoice(world: World, account: string, given: Loose): InvoiceByHand {
  const amount = given['amount']
  if (!Number.isInteger(amount)) throw new ControlRefused('amount must be a whole number of smallest units.')
  return {
    account: readAccount(world, account),
    mode: readMode(given['mode']),
    email: readWord(given['email'], 'email'),
    description: readWord(given['description'], 'description'),
    currency: readWord(given['currency'], 'currency'),
    amount: amount as number,
  }
}

/** A new key with the same permissions; the old one is expired at once, as with "Expire now" at Stripe. */
function rollKey(world: World, key: string): SandboxReply {
  const old = world.root.find('key', key)
  if (old === undefined) return json({ error: 'There is no such key.' }, 404)
  if (old.object.state !== 'active') return json({ error: 'Only an active key can be rolled.' }, 409)
  const { account, mode, kind, permissions } = old.object
  const made = world.transaction(() => {
    world.root.update('key', key, { object: { state: 'expired' } })
    return createKey(world, { account, mode, kind, permissions })
  })
  return json(made, 201)
}

/** `{mode, currency, accountNumber, routingNumber}`: the bank account that payouts of this currency go to from now on. */
function replaceBank(world: World, id: string, given: Loose): SandboxReply {
  const account = world.root.find('account', id)
  if (account === undefined) return json({ error: 'There is no such account.' }, 404)
  const mode = account.hidden.connection?.mode ?? readMode(given['mode'])
  const bank = readBank(given, { country: account.object.country ?? 'US', name: account.hidden.name })
  return json(world.transaction(() => replaceBankAccount(world.space(id, mode), bank)).object, 201)
}

function readBank(given: Loose, owner: { country: string; name: string }): ReturnType<typeof readBankAccount> {
  const currency = readWord(given['currency'], 'currency')
  try {
    return readBankAccount(
      {
        object: 'bank_account',
        account_holder_name: owner.name,
        account_holder_type: 'company',
        account_number: readWord(given['accountNumber'], 'accountNumber'),
        // Dollars of the United States are paid out there, whatever the country of the account.
        country: currency === 'usd' ? 'US' : owner.country,
        currency,
        routing_number:
          given['routingNumber'] === undefined ? undefined : readWord(given['routingNumber'], 'routingNumber'),
      },
      'external_account',
    )
  } catch (error) {
    if (error instanceof StripeRefusal) throw new ControlRefused(error.message)
    throw error
  }
}
