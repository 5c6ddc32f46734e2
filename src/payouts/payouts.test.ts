import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scope } from '#kernel'
import { connectionGround, connectToSandbox } from '#test/connections'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { readPayouts } from './read-payouts.ts'
import { savePayoutSchedule, type ScheduleWish } from './save-payout-schedule.ts'

let sandbox: StripeSandboxGround
beforeAll(async () => {
  sandbox = await openStripeSandbox()
})
afterAll(() => sandbox.close())

eachDatabase('payouts', {}, (ground) => {
  const there = () => connectionGround(ground(), sandbox.gateway)
  const connected = async (): Promise<Scope> => {
    const { scope } = await ground().makeOperator()
    await connectToSandbox(there(), sandbox, scope)
    return scope
  }
  const read = async (scope: Scope) => {
    const answer = await readPayouts(there(), scope)
    if (!answer.ok) throw new Error(answer.refusal.code)
    return answer.value
  }
  const save = (scope: Scope, wish: Partial<ScheduleWish>) =>
    savePayoutSchedule(there(), scope, {
      wish: { interval: 'daily', weeklyDays: [], monthlyDays: [], isManualConfirmed: false, ...wish },
      requestedBy: 'Owner',
    })
  const codeOf = async (answer: ReturnType<typeof save> | ReturnType<typeof readPayouts>) => {
    const outcome = await answer
    return outcome.ok ? 'done' : outcome.refusal.code
  }

  test('MON-23 STR-93: what is shown is what Stripe reports, also after it was changed there', async () => {
    const scope = await connected()
    expect(await codeOf(save(scope, { interval: 'daily' }))).toBe('done')
    expect(await read(scope)).toMatchObject({
      words: 'Daily, Monday to Friday',
      settings: { source: 'balance_settings' },
    })
    const keys = sandbox.keysOf()
    const changed = await fetch(`${sandbox.sandbox.url}/v1/balance_settings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.secret}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'payments[payouts][schedule][interval]=monthly&payments[payouts][schedule][monthly_payout_days][]=31',
    })
    expect(changed.status).toBe(200)
    expect(await read(scope)).toMatchObject({ words: 'Monthly, on day 31' })
  })

  test('MON-24: a change is read back, its days in order, and the hold with it', async () => {
    const scope = await connected()
    const saved = await save(scope, { interval: 'weekly', weeklyDays: ['friday', 'tuesday'], holdDays: 7 })
    expect(saved.ok && saved.value.words).toBe('Weekly, on Tuesday and Friday')
    expect(saved.ok && saved.value.settings).toMatchObject({ delayDays: 7, isDelayChosen: true })
    const back = await save(scope, { interval: 'daily', holdDays: null })
    expect(back.ok && back.value.settings.isDelayChosen).toBe(false)
  })

  test('MON-24: manual payouts need a tick, wrong days name their field, and neither asks Stripe', async () => {
    const scope = await connected()
    const before = sandbox.logLines.length
    expect(await codeOf(save(scope, { interval: 'manual' }))).toBe('manual_not_confirmed')
    expect(await codeOf(save(scope, { interval: 'weekly', weeklyDays: ['sunday'] }))).toBe('weekly_days')
    expect(sandbox.logLines.length).toBe(before)
    expect(await codeOf(save(scope, { interval: 'manual', isManualConfirmed: true }))).toBe('done')
    expect((await read(scope)).nextOn).toBeUndefined()
    await save(scope, {})
  })

  test('MON-24: a key that may not write is told where to change it, and nothing is changed', async () => {
    const scope = await connected()
    await sandbox.armFault({ method: 'POST', path: '/v1/balance_settings' }, { kind: 'status_before', status: 403 })
    expect(await codeOf(save(scope, { interval: 'weekly', weeklyDays: ['monday'] }))).toBe('owner_only')
    expect(await read(scope)).toMatchObject({ words: 'Daily, Monday to Friday' })
  })

  test('without a connection there is nothing that pays out', async () => {
    const { scope } = await ground().makeOperator()
    expect(await codeOf(readPayouts(there(), scope))).toBe('no_connection')
    expect(await codeOf(save(scope, {}))).toBe('no_connection')
  })
})
