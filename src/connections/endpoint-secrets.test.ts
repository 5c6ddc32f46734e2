import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scope } from '#kernel'
import { inScope } from '#platform'
import { connectionGround, connectToSandbox } from '#test/connections'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import { candidateSecrets, pasteWebhookSecret } from './endpoint-secrets.ts'
import { getConnection, listEndpointSecrets } from './store.ts'

let sandbox: StripeSandboxGround
beforeAll(async () => {
  sandbox = await openStripeSandbox()
})
afterAll(() => sandbox.close())

const day = 24 * 60 * 60 * 1000

eachDatabase('pasted secrets of endpoints', {}, (ground) => {
  async function connected(): Promise<{ scope: Scope; connectionId: string; token: string }> {
    const { scope } = await ground().makeOperator()
    const connectionId = await connectToSandbox(connectionGround(ground(), sandbox.gateway), sandbox, scope)
    const { endpointToken } = await inScope(ground().database, scope, (rows) => getConnection(rows, connectionId))
    return { scope, connectionId, token: endpointToken }
  }

  const paste = (scope: Scope, webhookSecret: string) =>
    inScope(ground().database, scope, (rows) =>
      pasteWebhookSecret(rows, ground().box, { webhookSecret, actor: 'Owner' }),
    )
  const candidates = (endpointToken: string, now = ground().clock.now()) =>
    candidateSecrets(ground().database, ground().box, { endpointToken, now })

  test('STR-58 TRU-36 a pasted secret works at once and the older one for exactly 24 hours more', async () => {
    const { scope, token } = await connected()
    await paste(scope, 'whsec_TheFirstOnePasted01')
    ground().clock.standAt(ground().clock.now())

    const pasted = await paste(scope, ' "whsec_TheSecondOnePasted" ')

    const until = pasted.ok ? pasted.value.othersUntil : undefined
    if (!until) throw new Error('the older secret has no end')
    expect(until.getTime() - ground().clock.now().getTime()).toBe(day)
    ground().clock.flow()
    const at = async (moment: number) =>
      (await candidates(token, new Date(moment))).map(({ secret }) => secret.reveal())
    expect(await at(until.getTime() - 1)).toEqual(['whsec_TheSecondOnePasted', 'whsec_TheFirstOnePasted01'])
    expect(await at(until.getTime())).toEqual(['whsec_TheSecondOnePasted'])
  })

  test('STR-58 pasting the old one again turns it round, and dots change nothing', async () => {
    const { scope, token, connectionId } = await connected()
    await paste(scope, 'whsec_TheFirstOnePasted01')
    await paste(scope, 'whsec_TheSecondOnePasted')
    await paste(scope, 'whsec_TheFirstOnePasted01')
    await paste(scope, '•••• ed01')

    const secrets = await inScope(ground().database, scope, (rows) => listEndpointSecrets(rows, connectionId))

    expect(secrets.map(({ last4, notAfter }) => [last4, notAfter === null])).toEqual([
      ['sted', false],
      ['ed01', true],
    ])
    expect(await candidates(token)).toHaveLength(2)
  })

  test('STR-23c a key pasted as the webhook secret, and a secret without a connection, are refused', async () => {
    const { scope } = await connected()
    const { scope: stranger } = await ground().makeOperator()

    expect(await paste(scope, 'sk_test_51AbCdEfGhIjKl')).toMatchObject({
      refusal: { code: 'key_in_webhook_secret', field: '/webhookSecret' },
    })
    expect(await paste(scope, 'whsec_')).toMatchObject({ refusal: { code: 'webhook_secret_form' } })
    expect(await paste(stranger, 'whsec_TheFirstOnePasted01')).toMatchObject({ refusal: { code: 'no_connection' } })
  })

  test('STR-53 an unknown address has no secrets, and another operator’s secret is none of this one’s', async () => {
    const one = await connected()
    const other = await connected()
    await paste(one.scope, 'whsec_OfTheFirstOperator0')
    await paste(other.scope, 'whsec_OfTheOtherOperator0')

    expect((await candidates(one.token)).map(({ secret }) => secret.reveal())).toEqual(['whsec_OfTheFirstOperator0'])
    expect(await candidates('A'.repeat(43))).toEqual([])
  })
})
