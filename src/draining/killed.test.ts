/**
 * Leaving, killed at every step: after the process died before or after any answer of Stripe and any commit, the next passes end it, with
 * everything done once at Stripe, the secrets gone and one ending (STR-26, TRU-130).
 */
import { expect, test } from 'vitest'
import { connectionGroundOf, createEndpoint, getConnection } from '#connections'
import { listFacts, newId } from '#platform'
import { startSetup } from '#renters'
import { createSpaces } from '#spaces'
import { cards, eachMoney, type Charging } from '#test/charges'
import { Death, liveUntil, type Life } from '#test/mortal'
import { valueOf } from '#test/rental'
import { drain } from './drain.ts'
import type { DrainingGround } from './draining.ts'
import { startDraining } from './start-draining.ts'

eachMoney('leaving, killed at every step', ({ sandbox, open }) => {
  const groundOf = ({ money }: Charging, life?: Life): DrainingGround => {
    const parts = life?.ground ?? money
    return { ...parts, ...connectionGroundOf(parts) }
  }

  /** Our endpoint, a challenge nobody answered, a payment that was never sent, and a page that is open. */
  async function furnished() {
    const charging = await open({ manual: true })
    const { money, scope, rental, within } = charging
    valueOf(await createEndpoint(groundOf(charging), { scope, actor: 'Owner', isFresh: false }))
    const challenged = await charging.saveCard(cards.challenged)
    const good = await charging.saveCard(cards.good)
    const invoices: string[] = []
    for (let count = 0; count < 2; count += 1) {
      const [space] = valueOf(await within((rows) => createSpaces(rows, { categoryId: rental.categoryId })))
      invoices.push((await charging.checkOut({ spaceId: space!.id })).invoiceId)
    }
    const payments = [
      await charging.plan(invoices[0]!, { savedMethodId: challenged.id }),
      await charging.plan(invoices[1]!, { savedMethodId: good.id }),
    ]
    await charging.run('payments.drive', payments[0]!)
    const setupId = newId(money.database.clock)
    valueOf(await startSetup(money, scope, { renterId: rental.renterId, setupId, returnTo: '/renters', actor: 'test' }))
    return { ...charging, payments, invoices }
  }
  type Furnished = Awaited<ReturnType<typeof furnished>>

  const rowsOf = ({ within, scope }: Charging, table: string) =>
    within((rows) =>
      rows.selectFrom(`app.${table}`).selectAll().where('operator_id', '=', scope.operatorId).execute(),
    ) as Promise<readonly Record<string, any>[]>

  /** Events Stripe wrote about objects of this operator, by type. */
  function toldOf({ scope }: Charging): Record<string, number> {
    const { accountId } = sandbox().keysOf({ mode: scope.mode })
    const events = sandbox().sandbox.stripe.listObjects(accountId, scope.mode, 'event') as readonly any[]
    const ours = events.filter(({ data }) => data.object.metadata?.rentroll_operator === scope.operatorId)
    return Object.fromEntries(
      [...Map.groupBy(ours, ({ type }) => type as string)].map(([type, { length }]) => [type, length]),
    )
  }

  const endpointsAt = ({ scope }: Charging) =>
    (
      sandbox().sandbox.stripe.listObjects(
        sandbox().keysOf({ mode: scope.mode }).accountId,
        scope.mode,
        'webhook_endpoint',
      ) as any[]
    ).filter(({ metadata }) => metadata.rentroll_operator === scope.operatorId)

  async function expectLeft(about: Charging, { outcome, what }: { outcome: string; what: string }) {
    const { within, connectionId } = about
    expect(await within((rows) => getConnection(rows, connectionId)), what).toMatchObject({
      state: 'disconnected',
      isCharging: false,
      keySealed: null,
      probeSealed: null,
    })
    const secrets = await rowsOf(about, 'endpoint_secrets')
    expect(
      secrets.filter(({ secret_sealed: sealed }) => sealed !== null && sealed !== undefined),
      what,
    ).toEqual([])
    expect(await rowsOf(about, 'drainings'), what).toMatchObject([
      { outcome, ended_at: expect.any(Date), closing_at: expect.any(Date) },
    ])
    const facts = (await within((rows) => listFacts(rows, { connection: connectionId }))).map(({ name }) => name)
    expect(
      facts.filter((name) => name === 'connection.disconnecting'),
      what,
    ).toHaveLength(1)
    expect(
      facts.filter((name) => name === 'connection.disconnected'),
      what,
    ).toHaveLength(1)
    expect(endpointsAt(about), what).toEqual([])
  }

  async function expectWithdrawn(about: Furnished, what: string) {
    const payments = await Promise.all(about.payments.map((id) => about.payment(id)))
    expect(
      payments.map(({ state }) => state),
      what,
    ).toEqual(['canceled', 'canceled'])
    expect(
      about.atStripe().intents.map(({ status }) => status),
      what,
    ).toEqual(['canceled'])
    expect(toldOf(about), what).toMatchObject({ 'payment_intent.canceled': 1, 'checkout.session.expired': 1 })
    expect(toldOf(about), what).not.toHaveProperty('payment_intent.succeeded')
    const calls = (await rowsOf(about, 'money_calls')).filter(({ purpose }) => purpose === 'payment.cancel')
    expect(
      calls.map(({ state }) => state),
      what,
    ).toEqual(['succeeded'])
    expect((await rowsOf(about, 'setups')).map(({ state }) => state).toSorted(), what).toContain('canceled')
    await about.expectAgreement()
  }

  /** The process dies; another one does what the queue does, until it is over. @returns how many passes that took. */
  async function carryOn(about: Charging): Promise<number> {
    const isOver = async () => (await rowsOf(about, 'drainings')).every(({ ended_at: endedAt }) => endedAt !== null)
    let passes = 0
    while (!(await isOver()) && passes < 4) {
      passes += 1
      await drain(groundOf(about), about.scope, about.connectionId)
    }
    return passes
  }

  const dies = async (life: Life, deed: Promise<unknown>) => {
    const end = await deed.catch((error: unknown) => error)
    if (life.isDead()) expect(end).toBeInstanceOf(Death)
    else expect(end).not.toBeInstanceOf(Error)
  }

  test('STR-26 TRU-130: wherever it dies after Disconnect, the next pass ends it', { timeout: 400_000 }, async () => {
    const whole = await furnished()
    const wish = ({ connectionId }: Charging) => ({ connectionId, actor: 'Owner' })
    const life = liveUntil(whole.money)
    await startDraining(groundOf(whole, life), whole.scope, wish(whole))
    await expectLeft(whole, { outcome: 'drained', what: 'nobody died' })
    await expectWithdrawn(whole, 'nobody died')
    expect(life.steps.filter((step) => step.endsWith('not sent')).length).toBeGreaterThan(5)

    for (const [place, step] of life.steps.entries()) {
      const what = `died at step ${place} of ${life.steps.length}: ${step}`
      const scene = await furnished()
      const mortal = liveUntil(scene.money, place)
      await dies(mortal, startDraining(groundOf(scene, mortal), scene.scope, wish(scene)))
      expect(mortal.isDead(), what).toBe(true)
      // Before the first commit nobody knows of it: it is pressed again.
      if ((await rowsOf(scene, 'drainings')).length === 0)
        await startDraining(groundOf(scene), scene.scope, wish(scene))
      expect(await carryOn(scene), what).toBeLessThan(2)
      await expectLeft(scene, { outcome: 'drained', what })
      await expectWithdrawn(scene, what)
    }
  })
})
