import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench, startReceiver } from '../../test-bench.ts'
import type { Bench } from '../../test-bench.ts'

let bench: Bench
let platform: Stripe

beforeAll(async () => {
  bench = await startBench()
  platform = bench.sdk('Rental')
})

afterAll(() => bench.close())

describe('SBX-10: leaving the platform', () => {
  test('deletion emits account.application.deauthorized about the application, and ends every way in', async () => {
    const account = await platform.accounts.create({ type: 'standard' })
    const customer = await bench.actingFor(account.id).customers.create({ name: 'Kim' })

    const deleted = await platform.accounts.del(account.id)

    expect(deleted).toStrictEqual(expect.objectContaining({ id: account.id, object: 'account', deleted: true }))
    const seen = bench.running.listEvents().filter(({ accountId }) => accountId === account.id)
    expect(seen.map(({ type }) => type)).toStrictEqual(['account.application.deauthorized', 'customer.created'])
    expect(seen[0]?.object).toStrictEqual({
      id: expect.stringMatching(/^ca_/),
      object: 'application',
      name: 'Rental Platform',
    })
    const refusals = await Promise.all([
      refusalOf(platform.accounts.retrieve(account.id)),
      refusalOf(bench.actingFor(account.id).customers.retrieve(customer.id)),
      refusalOf(bench.actingFor(account.id).balance.retrieve()),
      refusalOf(platform.accounts.del(account.id)),
    ])
    expect(refusals.map(({ statusCode, code }) => [statusCode, code])).toStrictEqual(
      refusals.map(() => [403, 'account_invalid']),
    )
    expect((await platform.accounts.list({ limit: 100 })).data.map(({ id }) => id)).not.toContain(account.id)
  })

  test('the platform hears of it on its Connect endpoint, which names the account on the event only', async () => {
    const receiver = await startReceiver()
    const account = await platform.accounts.create({ type: 'standard' })
    await platform.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'], connect: true })

    await platform.accounts.del(account.id)
    await bench.running.runDue()

    const [sent] = receiver.received.map(({ body }) => JSON.parse(body) as Stripe.Event)
    await receiver.close()
    expect(receiver.received).toHaveLength(1)
    expect(sent).toMatchObject({
      type: 'account.application.deauthorized',
      account: account.id,
      data: { object: { object: 'application' } },
    })
    expect(JSON.stringify(sent?.data)).not.toContain(account.id)
  })

  test('a reset forgets connected accounts and keeps the own ones', async () => {
    const other = await startBench()
    const { id } = await other.sdk('Rental').accounts.create({ type: 'standard' })

    await other.control('POST', '/reset')

    expect(await refusalOf(other.sdk('Rental').accounts.retrieve(id))).toMatchObject({ code: 'account_invalid' })
    expect(await other.sdk('Harbour').accounts.retrieveCurrent()).toMatchObject({ charges_enabled: true })
    await other.close()
  })

  test('its owner can leave from the Dashboard, in live mode as well; the API cannot delete it there', async () => {
    const live = bench.sdk('Rental', 'live')
    const account = await live.accounts.create({ type: 'standard' })

    expect(await refusalOf(live.accounts.del(account.id))).toMatchObject({ statusCode: 400, param: 'account' })
    const left = await bench.control('POST', `/accounts/${account.id}/deauthorize`)

    expect(left.status).toBe(200)
    expect(await refusalOf(live.accounts.retrieve(account.id))).toMatchObject({
      statusCode: 403,
      code: 'account_invalid',
    })
  })

  test('a platform rejects only accounts whose losses it bears', async () => {
    const express = await platform.accounts.create({ type: 'express' })
    const standard = await platform.accounts.create({ type: 'standard' })

    const rejected = await platform.accounts.reject(express.id, { reason: 'fraud_other' })

    expect(rejected).toMatchObject({
      charges_enabled: false,
      payouts_enabled: false,
      requirements: { disabled_reason: 'rejected.platform_fraud' },
    })
    expect((await bench.eventsOf(express.id)).map(({ type }) => type)).toStrictEqual(['account.updated'])
    expect(await refusalOf(platform.accounts.reject(standard.id, { reason: 'other' }))).toMatchObject({
      statusCode: 400,
    })
    expect(await refusalOf(platform.accounts.reject(express.id, { reason: 'boredom' }))).toMatchObject({
      param: 'reason',
    })
  })
})
