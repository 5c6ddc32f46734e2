/** The eight first steps over HTTP (UI-140): whoever of an operator comes next continues where the last one stopped. */
import { expect, test } from 'vitest'
import { eachProduct, Session } from '#test/product'
import { connectStripe, furnish, signUp, today } from './walk.ts'

const mark = (session: Session, step: number, word: 'done' | 'skipped') =>
  session.good('POST', `/onboarding/steps/${step}`, { mark: word })

eachProduct('the first steps', (product) => {
  test('UI-140: the sign-up begins them; a mark stays for another browser, and the next step follows from the marks', async () => {
    const session = await signUp(product())
    const fresh = await session.good('GET', '/onboarding')
    expect(fresh).toMatchObject({ isBegun: true, isDismissed: false, next: 1, canCheckOut: false, hasLease: false })
    expect(fresh.steps.map(({ canSkip }: { canSkip: boolean }) => canSkip)).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
      true,
      true,
    ])

    await Promise.all([mark(session, 1, 'done'), mark(session, 1, 'done'), mark(session, 2, 'done')])
    await mark(session, 3, 'skipped')

    const other = await elsewhere(product().origin, session)
    expect((await other.good('GET', '/onboarding')).next).toBe(4)
    expect(await session.good('GET', '/onboarding')).toMatchObject({
      next: 4,
      steps: [
        { state: 'done' },
        { state: 'done' },
        { state: 'skipped' },
        ...[4, 5, 6, 7, 8].map((number) => ({ number, state: 'open' })),
      ],
    })
  })

  test('UI-140: a step is done when its thing is there, whoever says so, and some steps cannot be skipped', async () => {
    const session = await signUp(product())
    for (const step of [3, 4, 5, 6, 7])
      expect((await session.refused('POST', `/onboarding/steps/${step}`, { mark: 'done' })).body).toMatchObject({
        code: 'step_not_done',
        status: 409,
      })
    for (const step of [1, 2, 5])
      expect((await session.refused('POST', `/onboarding/steps/${step}`, { mark: 'skipped' })).body).toMatchObject({
        code: 'step_required',
      })
    expect((await session.refused('POST', '/onboarding/steps/9', { mark: 'done' })).status).toBe(404)

    await furnish(session)
    await connectStripe(session, product(), { webhook: false })
    await session.good('PUT', '/settings/billing-rules', { preset: 'storage', anchorDay: null })
    for (const step of [1, 2, 3, 4, 5, 6, 7, 8]) await mark(session, step, 'done')

    const all = await mark(session, 4, 'skipped')
    expect(all).toMatchObject({ canCheckOut: true })
    expect(all.next).toBeUndefined()
    expect(all.steps.every(({ state }: { state: string }) => state === 'done')).toBe(true)
  })

  test('UI-140: the checklist is put away for everybody of the operator, and the marks stay', async () => {
    const session = await signUp(product())
    await mark(session, 1, 'done')

    await session.good('POST', '/onboarding/dismiss')

    expect(await session.good('GET', '/onboarding')).toMatchObject({ isDismissed: true, next: 2 })
  })

  test('BIL-28 BIL-30: rent falls due on the chosen day where the interval is a calendar one; anything else is refused', async () => {
    const session = await signUp(product())
    const set = await furnish(session, { monthly: '310.00' })
    const preview = async () => {
      const startOn = await today(session)
      const wish = { spaceId: set.spaceId, renterId: set.renterId, interval: 'month', startOn, deposit: 'none' }
      return session.good('POST', '/check-out/preview', wish)
    }
    expect((await preview()).notes).toContain('Rent falls due: monthly, counted from the first day.')
    const far = await session.refused('PUT', '/settings/billing-rules', { preset: 'coworking', anchorDay: 32 })
    expect(far.body.errors).toMatchObject([{ pointer: '/anchorDay' }])

    const rules = { preset: 'coworking', anchorDay: 1 }
    await Promise.all([1, 2, 3].map(() => session.good('PUT', '/settings/billing-rules', rules)))

    expect((await session.good('GET', '/onboarding')).rules).toEqual(rules)
    const seen = await preview()
    expect(seen.notes).toContain('Rent falls due: monthly, on day 1 of the month.')
    expect(seen.next.map(({ periodStart }: { periodStart: string }) => periodStart.slice(8))).toEqual([
      '01',
      '01',
      '01',
    ])
  })
})

async function elsewhere(origin: string, { slug }: Session): Promise<Session> {
  const session = new Session(origin)
  await session.good('POST', '/api/v1/sign-in', {
    email: `owner@${slug}.example`,
    password: 'correct horse battery staple',
  })
  session.slug = slug
  return session
}
