import { expect, test, vi } from 'vitest'
import { pasteWebhookSecret } from '#connections'
import { inScope, newToken } from '#platform'
import { eachMoney } from '#test/charges'
import { outages, refusedEvents } from '#test/outage'
import { codeOf, valueOf } from '#test/rental'
import { planBackFill } from './back-fill.ts'
import { addMissedEvents, previewMissedEvents } from './index.ts'

eachMoney('asking Stripe for what was missed', ({ ground, sandbox, open, calm }) => {
  const { start, payElsewhere } = outages({ ground, sandbox, open })

  test('UI-154: Find missed events counts what is new before anything is added', async () => {
    const down = await start()
    await down.fetch()
    await payElsewhere(down, 3)
    const { clock, database } = ground()
    clock.advance(20 * 60_000)

    const preview = valueOf(await previewMissedEvents(down.parts, down.scope))

    expect(preview).toMatchObject({ isComplete: true })
    expect(preview.byType).toContainEqual({ type: 'payment_intent.succeeded', count: expect.any(Number) })
    expect(preview.newCount).toBeGreaterThanOrEqual(3)
    expect(preview.newCount).toBeLessThanOrEqual(preview.seenCount)
    valueOf(await addMissedEvents({ database }, down.scope))
    expect(await down.fetch()).toBe('done')
    expect(valueOf(await previewMissedEvents(down.parts, down.scope)).newCount).toBe(0)

    await sandbox().control('/faults', { where: 'api', ...refusedEvents, times: 1 })
    expect(codeOf(await previewMissedEvents(down.parts, down.scope))).toBe('missed_not_readable')
    await calm()
    const nobody = await ground().makeOperator()
    expect(codeOf(await previewMissedEvents(down.parts, nobody.scope))).toBe('missed_not_connected')
  })

  test('STR-72: it is planned at the start, after 15 minutes, and after 5 while something waits or no delivery comes', async () => {
    const down = await start()
    const planned = async (minutes: number, occasion: Partial<Parameters<typeof planBackFill>[1]> = {}) => {
      ground().clock.advance(minutes * 60_000)
      const enqueue = vi.fn<() => Promise<void>>(async () => {})
      await inScope(ground().database, down.scope, (rows) =>
        planBackFill(Object.assign(rows, { enqueue }), { isStart: false, hasPending: false, ...occasion }),
      )
      return enqueue.mock.calls.length === 1
    }
    expect(await planned(0)).toBe(true)
    await down.fetch()
    expect(await planned(1)).toBe(false)
    expect(await planned(0, { isStart: true })).toBe(true)
    // Its webhook is missing.
    expect(await planned(4)).toBe(true)
    await down.within(async (rows) => {
      valueOf(await pasteWebhookSecret(rows, down.money.box, { webhookSecret: `whsec_${newToken()}`, actor: 'test' }))
      await rows
        .updateTable('app.connections')
        .set({ webhook_first_verified_at: rows.clock.now(), endpoint_check: null })
        .where('id', '=', down.connectionId)
        .execute()
    })
    expect(await planned(0)).toBe(false)
    expect(await planned(0, { hasPending: true })).toBe(true)
    expect(await planned(10)).toBe(true)
  })
})
