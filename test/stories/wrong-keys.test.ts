/**
 * What people paste by mistake under Administration → Integrations, each with the sentence they read (STR-23, must show 7 of the first
 * issue). Whatever is wrong: what was connected before goes on working, and nothing is written (STR-22).
 */
import { beforeAll, expect, test } from 'vitest'
import { eachProduct, type Product, type Session } from '#test/product'
import { expectUnchanged, operatorIdOf } from './fingerprints.ts'
import { connectStripe, sandboxKeys, signUp } from './walk.ts'

type Said = readonly [field: string, code: string, detail: string, nextStep: string]
type Pasted = { publishableKey: string; secretKey?: string; accountId?: string; webhookSecret?: string }

const title = 'Unable to verify credentials'
const someKey = '4eC39HqLyjWDarjtT1zdp7dc'

eachProduct('wrong keys', (product) => {
  let fresh: Session
  let connected: Session
  beforeAll(async () => {
    fresh = await signUp(product())
    connected = await signUp(product())
    await connectStripe(connected, product(), { webhook: false })
  })

  const keys = (account?: string, mode?: 'test' | 'live') => sandboxKeys(product(), account, mode)

  /** Refused with these words at a workspace without keys and at one with good ones, and neither is touched. */
  async function expectRefused(pasted: Pasted, [field, code, detail, nextStep]: Said, status = 422): Promise<void> {
    for (const session of [fresh, connected]) {
      const reply = await expectUnchanged(product(), await operatorIdOf(product(), session), () =>
        session.refused('PUT', '/connections/stripe', pasted),
      )
      expect(reply.body).toMatchObject({ status, code, title, detail, nextStep, errors: [{ pointer: field, detail }] })
    }
  }

  test('STR-23b: the two keys in each other’s fields, or one of them twice', async () => {
    const { publishableKey, secretKey } = keys()
    const isSecret: Said = [
      '/publishableKey',
      'secret_in_publishable',
      'This is a secret key. The publishable key starts with pk_.',
      'The two fields look swapped.',
    ]
    const isPublishable: Said = [
      '/secretKey',
      'publishable_in_secret',
      'This is a publishable key. The secret key starts with sk_ or rk_.',
      'The two fields look swapped.',
    ]
    await expectRefused({ publishableKey: secretKey, secretKey: publishableKey }, isSecret)
    await expectRefused({ publishableKey: secretKey, secretKey }, isSecret)
    await expectRefused({ publishableKey, secretKey: publishableKey }, isPublishable)
  })

  test('STR-23a: one key of test mode and one of live mode', async () => {
    const { publishableKey, secretKey } = keys()
    const live = keys('Harbour Desks', 'live')
    await expectRefused({ publishableKey, secretKey: live.secretKey }, [
      '/secretKey',
      'keys_of_two_modes',
      'The publishable key is a test key and the secret key is a live key.',
      'Copy both from the same mode.',
    ])
    await expectRefused({ publishableKey: live.publishableKey, secretKey }, [
      '/secretKey',
      'keys_of_two_modes',
      'The publishable key is a live key and the secret key is a test key.',
      'Copy both from the same mode.',
    ])
    await expectRefused({ publishableKey: live.publishableKey, secretKey: live.secretKey }, [
      '/secretKey',
      'other_mode_tab',
      'These are live keys and you are in the Test tab.',
      'Save them under Live, or paste the keys of this mode.',
    ])
  })

  test('STR-23e: a key that was cut, or copied with its dots', async () => {
    const { publishableKey, secretKey } = keys()
    const incomplete = (field: string): Said => [
      field,
      'key_incomplete',
      'The key looks incomplete.',
      'Copy it again with the copy button; do not select it by hand.',
    ]
    for (const cut of ['sk_', 'sk_test_', secretKey.slice(0, 14), `${secretKey.slice(0, 20)}…`, 'sk_test_****wxyz'])
      await expectRefused({ publishableKey, secretKey: cut }, incomplete('/secretKey'))
    await expectRefused({ publishableKey: publishableKey.slice(0, 12), secretKey }, incomplete('/publishableKey'))
    await expectRefused({ publishableKey, secretKey: secretKey.slice(0, -3) }, [
      '/secretKey',
      'key_unknown',
      'Stripe does not know this key (or it was rolled or expired).',
      'Copy the full key again from Developers → API keys.',
    ])
  })

  test('STR-23g: keys of two accounts', async () => {
    const [harbour, keystone] = [keys(), keys('Keystone Storage')]
    await expectRefused({ publishableKey: keystone.publishableKey, secretKey: harbour.secretKey }, [
      '/publishableKey',
      'keys_of_two_accounts',
      `The two keys belong to different Stripe accounts (secret: acct_…${harbour.accountId.slice(-4)}).`,
      'Copy both from one account.',
    ])
  })

  test('STR-23d STR-23c: an organisation key, and a signing secret or a key in a field of the other kind', async () => {
    const { publishableKey, secretKey } = keys()
    const organisation = (field: string): Said => [
      field,
      'organisation_key',
      'Organisation keys act on many accounts and are not accepted.',
      'Create a restricted key in the account itself.',
    ]
    const signing = (field: string): Said => [
      field,
      'webhook_secret_in_key',
      'This is a webhook signing secret.',
      'It belongs in Webhook Secret.',
    ]
    const notSigning = (kind: string, field: string): Said => [
      '/webhookSecret',
      'key_in_webhook_secret',
      `This is a ${kind} key, not a webhook signing secret.`,
      `It belongs in ${field}.`,
    ]
    await expectRefused({ publishableKey, secretKey: `sk_org_test_${someKey}` }, organisation('/secretKey'))
    await expectRefused({ publishableKey: `sk_org_live_${someKey}`, secretKey }, organisation('/publishableKey'))
    await expectRefused({ publishableKey, secretKey: `whsec_${someKey}` }, signing('/secretKey'))
    await expectRefused({ publishableKey: `whsec_${someKey}`, secretKey }, signing('/publishableKey'))
    const both = { publishableKey, secretKey }
    await expectRefused({ ...both, webhookSecret: secretKey }, notSigning('secret', 'Secret Key'))
    await expectRefused({ ...both, webhookSecret: publishableKey }, notSigning('publishable', 'Publishable Key'))
    const short = await fresh.refused('PUT', '/connections/stripe', { ...both, webhookSecret: 'whsec_short' })
    expect(short.body).toMatchObject({
      status: 422,
      code: 'webhook_secret_form',
      title: 'This is not a webhook signing secret',
      detail: 'A signing secret starts with whsec_ and is longer than what was pasted.',
      nextStep: 'Copy it in Stripe from the endpoint, under Signing secret.',
    })
  })

  test('TRU-26 STR-18: live keys of a real account, in either tab', async () => {
    const live = { publishableKey: `pk_live_${someKey}`, secretKey: `sk_live_${someKey}` }
    const isEmbedded = product().ground.database.kind === 'pglite'
    const said: Said = isEmbedded
      ? [
          '/secretKey',
          'live_needs_postgresql',
          'Live keys need PostgreSQL. This installation runs on the built-in demo database, which does not survive a power cut.',
          'Set DATABASE_URL and try again.',
        ]
      : [
          '/secretKey',
          'real_key_at_sandbox',
          'These are live keys of a real account, and this installation talks to the sandbox.',
          'Use the keys the sandbox printed, or set RENTROLL_SANDBOX=off and DATABASE_URL for real money.',
        ]
    await expectRefused(live, said)
    await expectRefused({ ...live, secretKey: `rk_live_${someKey}` }, said)
    const [, code, detail] = said
    fresh.mode = 'live'
    const reply = await fresh.refused('PUT', '/connections/stripe', live)
    fresh.mode = 'test'
    expect(reply.body).toMatchObject({ status: 422, code, detail })
  })

  test('STR-23h: an Account ID the key may not act for', async () => {
    const { publishableKey, secretKey } = keys()
    await expectRefused({ publishableKey, secretKey, accountId: 'acct_1Unknown12345' }, [
      '/accountId',
      'account_not_allowed',
      'The secret key may not act for acct_1Unknown12345.',
      'Leave Account ID empty unless your key belongs to a Connect platform.',
    ])
    await expectRefused({ publishableKey, secretKey, accountId: 'Harbour Desks' }, [
      '/accountId',
      'account_form',
      'Account ID must start with acct_.',
      'Leave it empty unless your key belongs to a Connect platform.',
    ])
  })

  test('STR-143: nothing pasted at all, and something else entirely', async () => {
    const missing: Said = [
      '/publishableKey',
      'field_missing',
      'Publishable Key is empty.',
      'Paste it; it starts with pk_test_ or pk_live_.',
    ]
    await expectRefused({ publishableKey: ' \u200B ' }, missing)
    const strange: Said = [
      '/publishableKey',
      'prefix_wrong',
      'Publishable Key must start with pk_test_ or pk_live_.',
      'Copy it from Developers → API keys in Stripe.',
    ]
    await expectRefused({ publishableKey: 'my password', secretKey: 'hunter2' }, strange)
    const empty = await fresh.refused('PUT', '/connections/stripe', { publishableKey: keys().publishableKey })
    expect(empty.body).toMatchObject({ code: 'field_missing', detail: 'Secret Key is empty.' })
  })

  test('STR-25: keys of another account over a connection are refused, and the old one goes on working', async () => {
    const [harbour, keystone] = [keys(), keys('Keystone Storage')]
    const other = { publishableKey: keystone.publishableKey, secretKey: keystone.secretKey }
    const reply = await expectUnchanged(product(), await operatorIdOf(product(), connected), () =>
      connected.refused('PUT', '/connections/stripe', other),
    )
    expect(reply.body).toMatchObject({
      status: 409,
      code: 'different_account',
      title: 'Different Stripe account',
      detail: `These keys belong to acct_…${keystone.accountId.slice(-4)}, you are connected to acct_…${harbour.accountId.slice(-4)}. Saved cards stay with the old account: 0 renters with autopay would need a new method.`,
    })
    expect((await connected.good('POST', '/connections/stripe/test')).rows[0]).toMatchObject({ state: 'pass' })
  })

  test('STR-23k: Stripe away while the keys are checked: neither accepted nor refused, nothing written', async () => {
    const { publishableKey, secretKey } = keys()
    await breakStripe(product(), 1)
    const reply = await expectUnchanged(product(), await operatorIdOf(product(), connected), () =>
      connected.refused('PUT', '/connections/stripe', { publishableKey, secretKey }),
    )
    expect(reply.body).toMatchObject({
      status: 503,
      title: 'Connection test failed',
      detail: 'We could not reach Stripe (HTTP 503).',
      nextStep: 'Your credentials were neither accepted nor refused; try again. Existing settings still apply.',
    })
  })
})

async function breakStripe({ sandbox }: Product, times: number): Promise<void> {
  const reply = await fetch(`${sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      where: 'api',
      match: { method: 'GET', path: '/v1/account$' },
      effect: { kind: 'status_before', status: 503 },
      times,
    }),
  })
  expect(reply.status, await reply.text()).toBe(201)
}
