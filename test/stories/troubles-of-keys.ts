/** What goes wrong with pasted keys, at once and later (STR-18 to STR-28, STR-142); see troubles.ts. */
import { testConnection, connectionGroundOf } from '#connections'
import { turnableClock } from '#platform'
import { createStripe } from '#stripe'
import type { Session } from '#test/product'
import { control, provoke, type FaultWish, type Lane } from './faulty.ts'
import { badge, saidIn, testRow, type Scene, type Trouble } from './trouble.ts'
import { sandboxKeys, signUp } from './walk.ts'

const someKey = '4eC39HqLyjWDarjtT1zdp7dc'

type Pasted = { publishableKey: string; secretKey?: string; accountId?: string; webhookSecret?: string }

const saving = (session: Session, keys: Pasted) => async () =>
  saidIn(await session.refused('PUT', '/connections/stripe', keys))

export function pasted({ product, fresh }: Scene): readonly Trouble[] {
  const [test, live] = [sandboxKeys(product), sandboxKeys(product, 'Harbour Desks', 'live')]
  const { publishableKey, secretKey } = test
  const both = { publishableKey, secretKey }
  const row = (about: string, what: string, keys: Pasted): Trouble => ({ about, what, provoke: saving(fresh, keys) })
  const realLive = { publishableKey: `pk_live_${someKey}`, secretKey: `sk_live_${someKey}` }
  return [
    row('STR-143', 'Nothing was pasted', { publishableKey: '' }),
    row('STR-143', 'The secret key was left out', { publishableKey }),
    row('STR-143', 'Something else entirely', { publishableKey: 'my password', secretKey: 'hunter2' }),
    row('STR-23a', 'A test key and a live key', { publishableKey, secretKey: live.secretKey }),
    row('STR-23a', 'Live keys in the Test tab', {
      publishableKey: live.publishableKey,
      secretKey: live.secretKey,
    }),
    row('STR-23b', 'A secret key in the publishable field', { publishableKey: secretKey, secretKey: publishableKey }),
    row('STR-23b', 'A publishable key in the secret field', { publishableKey, secretKey: publishableKey }),
    row('STR-23c', 'A signing secret in a key field', { publishableKey, secretKey: `whsec_${someKey}` }),
    row('STR-23c', 'A secret key as webhook secret', { ...both, webhookSecret: secretKey }),
    row('STR-23c', 'A publishable key as webhook secret', { ...both, webhookSecret: publishableKey }),
    row('STR-23c', 'A webhook secret that is cut', { ...both, webhookSecret: 'whsec_short' }),
    row('STR-23d', 'A key of an organisation', { publishableKey, secretKey: `sk_org_test_${someKey}` }),
    row('STR-23e', 'A key that was cut', { publishableKey, secretKey: secretKey.slice(0, 14) }),
    row('STR-23e', 'A key copied with its dots', { publishableKey, secretKey: 'sk_test_****wxyz' }),
    row('STR-23h', 'An Account ID of another form', { ...both, accountId: 'Harbour Desks' }),
    { ...row('STR-18', 'Live keys on the built-in database', realLive), only: 'pglite' },
    { ...row('STR-18', 'Live keys of a real account at the sandbox', realLive), only: 'postgres' },
    {
      about: 'STR-19',
      what: 'A key with quotes, spaces, zero-width characters and export NAME= around it',
      async provoke() {
        const session = await signUp(product)
        const wrapped = {
          publishableKey: ` "${publishableKey}" `,
          secretKey: `export STRIPE_KEY='\u200B${secretKey} '`,
        }
        const { connection } = await session.good('PUT', '/connections/stripe', wrapped)
        return badge(connection, 0)
      },
    },
  ]
}

export function answered({ product, fresh, old, lane }: Scene): readonly Trouble[] {
  const { publishableKey, secretKey, accountId } = sandboxKeys(product)
  const keystone = sandboxKeys(product, 'Keystone Storage')
  const both = { publishableKey, secretKey }
  const row = (about: string, what: string, keys: Pasted): Trouble => ({ about, what, provoke: saving(fresh, keys) })
  const faulty = (about: string, what: string, effect: FaultWish['effect']): Trouble => ({
    about,
    what,
    async provoke() {
      await control(product, 'POST', '/faults', {
        where: 'api',
        match: { method: 'GET', path: '/v1/account$' },
        effect,
        times: 9,
      })
      const said = await saving(old, both)()
      await control(product, 'DELETE', '/faults')
      return said
    },
  })
  const restricted = async (permissions: readonly string[]) =>
    (await control(product, 'POST', '/keys', { account: accountId, mode: 'test', permissions })).key as string
  return [
    row('STR-23f', 'A key Stripe does not know', { publishableKey, secretKey: secretKey.slice(0, -3) }),
    row('STR-23g', 'Keys of two accounts', { publishableKey: keystone.publishableKey, secretKey }),
    row('STR-23h', 'An Account ID the key may not act for', { ...both, accountId: 'acct_1Unknown12345' }),
    {
      about: 'STR-23i',
      what: 'A restricted key that may read nothing it needs',
      provoke: async () => saving(fresh, { publishableKey, secretKey: await restricted(['charge_read']) })(),
    },
    {
      about: 'STR-22',
      what: 'A restricted key without SetupIntents',
      async provoke() {
        const session = await signUp(product)
        const key = await restricted(['accounts_kyc_basic_read', 'balance_read'])
        const { connection } = await session.good('PUT', '/connections/stripe', { publishableKey, secretKey: key })
        return badge(connection, 0)
      },
    },
    faulty('STR-23j', 'An answer that did not come from Stripe', 'empty_200'),
    faulty('STR-23k', 'Stripe answers with a server fault', { kind: 'status_before', status: 503 }),
    faulty('STR-23k', 'The connection is cut', 'drop_before'),
    {
      about: 'STR-23l',
      what: 'The account takes no payments yet',
      async provoke() {
        const patch = [
          { op: 'replace', path: '/charges_enabled', value: false },
          { op: 'add', path: '/requirements', value: { disabled_reason: 'requirements.past_due' } },
        ]
        const end = await provoke(lane, [
          { where: 'api', match: { method: 'GET', path: '/v1/account$' }, effect: { kind: 'mutate', patch }, times: 9 },
        ])
        const session = lane.session
        const { publishableKey: publishable, secretKey: secret } = lane
        const { connection } = await session.good('PUT', '/connections/stripe', {
          publishableKey: publishable,
          secretKey: secret,
        })
        await end()
        await session.good('PUT', '/connections/stripe', { publishableKey: publishable, secretKey: secret })
        return { ...badge(connection, 0), cause: connection.account.notice }
      },
    },
    {
      about: 'STR-25',
      what: 'Keys of another account over a connection',
      provoke: saving(old, { publishableKey: keystone.publishableKey, secretKey: keystone.secretKey }),
    },
  ]
}

export function later({ product, lane }: Scene): readonly Trouble[] {
  const { session } = lane
  return [
    {
      about: 'STR-28',
      what: 'The key is rolled or revoked while it is in use',
      async provoke() {
        const end = await provoke(lane, [{ where: 'api', effect: 'revoke_key' }])
        await session.good('POST', '/connections/stripe/test')
        const said = badge(await session.good('GET', '/connections/stripe'), 0)
        await end()
        await mend(lane)
        return said
      },
    },
    {
      about: 'STR-24',
      what: 'Test Connection with a key that was revoked',
      async provoke() {
        const end = await provoke(lane, [{ where: 'api', effect: 'revoke_key' }])
        const said = testRow(await session.good('POST', '/connections/stripe/test'), 'secret_key')
        await end()
        await mend(lane)
        return said
      },
    },
    {
      about: 'STR-24',
      what: 'Test Connection while Stripe does not answer',
      async provoke() {
        const end = await provoke(lane, [{ where: 'api', effect: { kind: 'status_before', status: 503 }, times: 99 }])
        const said = testRow(await session.good('POST', '/connections/stripe/test'), 'api_reachable')
        await end()
        return said
      },
    },
    {
      about: 'STR-142',
      what: 'The clock of this installation is ten minutes off',
      async provoke() {
        const { ground, sandbox } = product
        const clock = turnableClock(ground.clock.now().getTime() - Date.now() + 600_000)
        const database = { ...ground.database, clock }
        const stripe = createStripe({ apiBase: sandbox.url, logs: ground.logs, clock, installation: 'test' })
        const parts = connectionGroundOf({ ...ground, database, stripe })
        const report = await testConnection(parts, { operatorId: lane.operatorId, mode: 'test' })
        return testRow('value' in report ? (report.value as never) : (report as never), 'clock')
      },
    },
  ]
}

async function mend({ session, publishableKey, secretKey }: Lane): Promise<void> {
  await session.good('PUT', '/connections/stripe', { publishableKey, secretKey })
}
