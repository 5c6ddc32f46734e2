import { expect, test } from 'vitest'
import { inScope } from '#platform'
import { cards, eachMoney, type Charging } from '#test/charges'
import { codeOf } from '#test/rental'
import { keys } from './payment.ts'
import { findMoneyCall } from './money-call-store.ts'
import { requestCharge } from './request-charge.ts'
import { listAttempts } from './money-call-store.ts'

const hours = (count: number) => count * 3_600_000
const onCreate = { method: 'POST', path: '/v1/payment_intents$' }
const onConfirm = { method: 'POST', path: '/v1/payment_intents/pi_[^/]+/confirm$' }

// Every fault comes twice, because the SDK repeats a lost POST once by itself.
eachMoney('answers that get lost', ({ ground, sandbox, open, calm }) => {
  const readyToDrive = async () => {
    const charging = await open()
    await charging.saveCard(cards.good)
    const { invoiceId } = await charging.checkOut()
    return { charging, invoiceId, paymentId: await charging.plan(invoiceId) }
  }
  const callOf = (charging: Charging, key: string) =>
    inScope(ground().database, charging.scope, (rows) => findMoneyCall(rows, key))
  const expectOneCharge = async (charging: Charging, paymentId: string) => {
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'succeeded', attempt: 1 })
    const { intents, charges } = charging.atStripe()
    expect([intents.length, charges.length]).toEqual([1, 1])
    await charging.expectAgreement()
  }
  const beOld = async () => {
    ground().clock.advance(hours(25))
    await sandbox().control('/idempotency/forget')
  }

  test.each([
    ['create, before it took effect', onCreate, 'drop_before'],
    ['create, after it took effect', onCreate, 'drop_after'],
    ['create, after it took effect and 500 was stored under the key', onCreate, { kind: 'status_after', status: 500 }],
    ['create, by an answer without an object', onCreate, 'empty_200'],
    ['confirm, before it took effect', onConfirm, 'drop_before'],
    ['confirm, after it took effect', onConfirm, 'drop_after'],
    ['confirm, after it took effect and 500 was stored', onConfirm, { kind: 'status_after', status: 500 }],
    ['confirm, by an answer without an object', onConfirm, 'empty_200'],
  ])('STR-77 STR-121: lost on %s: shown as unknown, then charged once', async (_, match, effect) => {
    const { charging, invoiceId, paymentId } = await readyToDrive()
    await sandbox().armFault(match, effect, 2)

    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/network|server|unexpected_response/)

    expect(await charging.payment(paymentId)).toMatchObject({ state: 'unknown' })
    const second = await charging.within((rows) =>
      requestCharge(rows, { invoiceId, requestKey: crypto.randomUUID(), actor: 'test' }),
    )
    expect(codeOf(second)).toBe('payment_running')
    await calm()
    await charging.run('payments.drive', paymentId)
    await expectOneCharge(charging, paymentId)
  })

  test.each([
    ['429 on create', onCreate, { kind: 'status_before', status: 429 }, 5],
    ['429 on confirm', onConfirm, { kind: 'status_before', status: 429 }, 5],
    ['409 on confirm', onConfirm, { kind: 'status_before', status: 409 }, 2],
    ['503 on confirm', onConfirm, { kind: 'status_before', status: 503 }, 2],
  ])('STR-140: %s is slower and nothing has failed', async (_, match, effect, times) => {
    const { charging, paymentId } = await readyToDrive()
    await sandbox().armFault(match, effect, times)
    for (let tries = 0; tries < 3 && (await charging.payment(paymentId)).state !== 'succeeded'; tries += 1)
      await charging.run('payments.drive', paymentId).catch(() => undefined)
    await calm()
    await expectOneCharge(charging, paymentId)
  })

  test('TRU-135: a create of unknown outcome is found by listing after 25 hours with all keys forgotten', async () => {
    const { charging, paymentId } = await readyToDrive()
    await sandbox().armFault(onCreate, 'drop_after', 2)
    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/network/)
    await beOld()

    await charging.run('payments.drive', paymentId)

    await expectOneCharge(charging, paymentId)
  })

  test('TRU-135: one that never arrived is not sent again after 25 hours: it failed, and who asks anew gets a new payment', async () => {
    const { charging, invoiceId, paymentId } = await readyToDrive()
    await sandbox().armFault(onCreate, 'drop_before', 2)
    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/network/)
    await beOld()

    await charging.run('payments.drive', paymentId)

    expect(charging.atStripe().intents).toEqual([])
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'failed', failureCode: 'not_received' })
    const anew = await charging.plan(invoiceId)
    expect(anew).not.toBe(paymentId)
    await charging.run('payments.drive', anew)
    await expectOneCharge(charging, anew)
  })

  test('TRU-135: sending it again does not make its key younger', async () => {
    const { charging, paymentId } = await readyToDrive()
    await sandbox().armFault(onCreate, 'drop_before', 4)
    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/network/)
    ground().clock.advance(hours(20))
    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/network/)
    ground().clock.advance(hours(5))

    await charging.run('payments.drive', paymentId)

    expect(charging.atStripe().intents).toEqual([])
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'failed', failureCode: 'not_received' })
  })

  test('TRU-135: a confirmation of unknown outcome that took effect is read after 25 hours, not repeated', async () => {
    const { charging, paymentId } = await readyToDrive()
    await sandbox().armFault(onConfirm, 'drop_after', 2)
    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/network/)
    await beOld()

    await charging.run('payments.drive', paymentId)

    await expectOneCharge(charging, paymentId)
  })

  test('TRU-135 TRU-132: one that did not is over after 25 hours; the next attempt has its own key on the same PaymentIntent', async () => {
    const { charging, invoiceId, paymentId } = await readyToDrive()
    await sandbox().armFault(onConfirm, 'drop_before', 2)
    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/network/)
    await beOld()

    await charging.run('payments.drive', paymentId)
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'failed', failureCode: 'not_received' })
    expect(charging.atStripe().charges).toEqual([])
    expect(await charging.plan(invoiceId)).toBe(paymentId)
    await charging.run('payments.drive', paymentId)

    expect(await charging.payment(paymentId)).toMatchObject({ state: 'succeeded', attempt: 2 })
    expect(charging.atStripe().charges).toHaveLength(1)
    const attempts = await charging.within((rows) => listAttempts(rows, [paymentId]))
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded'])
    await charging.expectAgreement()
  })

  test('STR-12 TRU-135: what waited for days because payments were paused was never sent, and goes out when they resume', async () => {
    const { charging, paymentId } = await readyToDrive()
    const freeze = (reason: string | null) =>
      charging.within((rows) =>
        rows
          .updateTable('app.connections')
          .set({ writes_frozen_reason: reason })
          .where('operator_id', '=', rows.scope.operatorId)
          .where('id', '=', charging.connectionId)
          .execute(),
      )
    await freeze('support looks at it')
    await charging.run('payments.drive', paymentId)
    expect(await callOf(charging, keys.createPayment(paymentId))).toMatchObject({ state: 'created', sentAt: undefined })
    ground().clock.advance(hours(72))
    await freeze(null)
    await sandbox().armFault(onCreate, 'drop_before', 2)

    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/network/)
    await charging.run('payments.drive', paymentId)

    await expectOneCharge(charging, paymentId)
  })

  test('STR-139: a key that was revoked fails no payment; it goes out when the key works again', async () => {
    const { charging, paymentId } = await readyToDrive()
    const key = sandbox().keysOf().secret
    await sandbox().control(`/keys/${key}/revoke`)
    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/auth/)
    await charging.run('payments.drive', paymentId)
    expect(await charging.payment(paymentId)).toMatchObject({ state: 'created' })

    await sandbox().control(`/keys/${key}/restore`)
    await charging.within((rows) =>
      rows
        .updateTable('app.connections')
        .set({ state: 'connected' })
        .where('operator_id', '=', rows.scope.operatorId)
        .where('id', '=', charging.connectionId)
        .execute(),
    )
    await charging.run('payments.drive', paymentId)
    await expectOneCharge(charging, paymentId)
  })

  test('TRU-133: an answer lost while the webhook brings the success leaves one payment and one ended call', async () => {
    const { charging, paymentId } = await readyToDrive()
    await sandbox().armFault(onConfirm, 'drop_after', 2)
    await expect(charging.run('payments.drive', paymentId)).rejects.toThrow(/network/)

    await charging.run('payments.follow', paymentId)

    await expectOneCharge(charging, paymentId)
    expect(await callOf(charging, keys.confirmPayment(paymentId, 1))).toMatchObject({ state: 'succeeded' })
  })
})
