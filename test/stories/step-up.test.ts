/**
 * What is secret asks who is there (TRU-78): every operation the matrix marks with S, refused five minutes after the sign-in with nothing
 * written, whoever else proved themselves elsewhere; and open again after the password.
 */
import { beforeAll, expect, test } from 'vitest'
import { isPermission, needsStepUp } from '#operators'
import { eachProduct, Session, type Product } from '#test/product'
import { expectUnchanged } from './fingerprints.ts'
import { drive, readOperations, send, type Operation } from './operations.ts'
import { makeEmptyWorld, type World } from './world.ts'

const isSecret = ({ access }: Operation) => isPermission(access) && needsStepUp('owner', access)

eachProduct('before anything secret', (product) => {
  let world: World
  let operations: readonly Operation[]
  beforeAll(async () => {
    world = await makeEmptyWorld(product())
    operations = await readOperations(product())
    turnPastFiveMinutes(product())
  })

  test('TRU-78 TRU-90: each S of the matrix is refused without a fresh proof, and not one row is written', async () => {
    const secret = operations.filter(isSecret)
    expect(secret.map(({ name }) => name)).toEqual(expect.arrayContaining(known))
    await expectUnchanged(product(), world.operatorId, async () => {
      for (const operation of secret) {
        const answer = await send(product(), drive(operation, world), { as: world.session })
        expect(answer.body, operation.name).toMatchObject({
          status: 403,
          code: 'step_up_required',
          title: 'Confirm that it is you',
          methods: ['password'],
        })
        for (const key of [world.keys.secretKey, world.session.password])
          expect(answer.text, operation.name).not.toContain(key)
      }
    })
  })

  test('TRU-90: what the matrix does not mark asks nobody again', async () => {
    const open = operations.filter(
      (operation) =>
        !isSecret(operation) && operation.access !== 'public' && !operation.access.startsWith('installation'),
    )
    expect(open.length).toBeGreaterThan(30)
    for (const operation of open) {
      const { body } = await send(product(), drive(operation, world), { as: world.session })
      expect(body?.code, operation.name).not.toBe('step_up_required')
    }
  })

  test('TRU-78: a proof in another session opens nothing here; the password in this one does', async () => {
    const save = drive(
      operations.find(({ name }) => name === 'PUT /connections/stripe')!,
      world,
    )
    const other = new Session(product().origin)
    const form = { email: `owner@${world.slug}.example`, password: world.session.password }
    await other.good('POST', '/api/v1/sign-in', form)
    await other.good('POST', '/api/v1/step-up', { method: 'password', password: form.password })
    const refused = await send(product(), save, { as: world.session })
    expect(refused.body.code).toBe('step_up_required')

    await world.session.good('POST', '/api/v1/step-up', { method: 'password', password: form.password })
    const saved = await send(product(), save, { as: world.session })
    expect([saved.status, saved.body.connection?.state]).toEqual([200, 'connected'])
    expect(saved.text).not.toContain(world.keys.secretKey)
  })

  test('UI-6: the demo’s person is shown the password they are asked for; nobody else ever is', async () => {
    const demo = new Session(product().origin)
    const { slug } = await demo.good('POST', '/api/v1/demo/sign-in')
    demo.slug = slug
    turnPastFiveMinutes(product())
    const ofInstallation = operations.filter(({ access }) => access === 'installation_change')
    expect(ofInstallation.length).toBeGreaterThan(3)
    for (const operation of [...ofInstallation, ...operations.filter(isSecret)]) {
      const { body } = await send(product(), drive(operation, { ...world, slug }), { as: demo })
      expect(body, operation.name).toMatchObject({ status: 403, code: 'step_up_required' })
    }
    const { demoPassword, secondsLeft } = await demo.good('GET', '/api/v1/step-up')
    expect([demoPassword, secondsLeft]).toEqual([expect.stringMatching(/^([0-9a-f]{4}-){3}[0-9a-f]{4}$/), 0])
    await demo.good('POST', '/api/v1/step-up', { method: 'password', password: demoPassword })
    expect((await demo.good('GET', '/api/v1/step-up')).secondsLeft).toBe(300)
    expect(await world.session.good('GET', '/api/v1/step-up')).not.toHaveProperty('demoPassword')
  })
})

/** Some that stand under S today; the list of operations itself comes from the application. */
const known = [
  'PUT /connections/stripe',
  'POST /connections/stripe/endpoint',
  'PUT /connections/stripe/webhook-secret',
  'POST /connections/stripe/disconnect',
  'POST /connect/account',
  'POST /connect/onboarding',
  'POST /connect/resume-links',
  'PUT /connections/charging',
  'PUT /payouts/schedule',
  'POST /webhooks/endpoints/{endpointId}/rotations',
]

function turnPastFiveMinutes({ clock }: Product): void {
  clock.advance(5 * 60_000)
}
