import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scope } from '#kernel'
import { createLogs, inScope, systemClock } from '#platform'
import { createStripe } from '#stripe'
import { connectionGround } from '#test/connections'
import { eachDatabase } from '#test/databases'
import { openStripeSandbox, type StripeSandboxGround } from '#test/stripe-sandbox'
import type { Connection, ConnectionGround } from './connection.ts'
import type { CredentialsInput } from './credentials.ts'
import { saveCredentials } from './save-credentials.ts'
import { findOwnKeysConnection } from './store.ts'

let sandbox: StripeSandboxGround
let proxy: Server
/** Changes an answer of the sandbox on its way: how an inactive account or a strange proxy is played. */
let meddle: ((path: string, body: string) => string) | undefined

beforeAll(async () => {
  sandbox = await openStripeSandbox()
  proxy = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const { host: _, connection: __, 'content-length': ___, ...headers } = incoming.headers as Record<string, string>
    const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}
    const reply = await fetch(`${sandbox.sandbox.url}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers,
      ...body,
    })
    const text = await reply.text()
    const path = incoming.url ?? ''
    outgoing
      .writeHead(reply.status, { 'request-id': reply.headers.get('request-id') ?? '' })
      .end(meddle ? meddle(path, text) : text)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await sandbox.close()
  await new Promise((resolve) => proxy.close(resolve))
})

function gatewayAt(apiBase: string) {
  return createStripe({ apiBase, logs: createLogs('silent'), clock: systemClock, installation: 'test' })
}

function gatewayThroughProxy() {
  return gatewayAt(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

eachDatabase('refused credentials', {}, (ground) => {
  const there = () => connectionGround(ground(), sandbox.gateway)

  async function save(scope: Scope, change: Partial<CredentialsInput> = {}, at: ConnectionGround = there()) {
    const { publishable, secret } = sandbox.keysOf({ mode: scope.mode })
    const input = { publishableKey: publishable, secretKey: secret, accountId: '', webhookSecret: '', ...change }
    return saveCredentials(at, { scope, actor: 'Owner', input, countAutopayRenters: async () => 3 })
  }

  /** The title and the whole text of a refusal, which also must have changed nothing. */
  async function refusedText(scope: Scope, change: Partial<CredentialsInput>, at?: ConnectionGround) {
    const before = await readConnection(scope)
    const outcome = await save(scope, change, at)
    if (outcome.ok) throw new Error('the credentials were saved')
    expect(await readConnection(scope)).toEqual(before)
    const { title, cause, nextStep } = outcome.refusal.problem
    return { title, text: `${cause} ${nextStep}`, field: outcome.refusal.field }
  }

  function readConnection(scope: Scope): Promise<Connection | undefined> {
    return inScope(ground().database, scope, findOwnKeysConnection)
  }

  test('STR-23a and STR-23b are shown before Stripe is asked', async () => {
    const { scope } = await ground().makeOperator()
    const [keys, live] = [sandbox.keysOf(), sandbox.keysOf({ mode: 'live' })]

    expect(await refusedText(scope, { secretKey: live.secret })).toMatchObject({
      title: 'Unable to verify credentials',
      text: 'The publishable key is a test key and the secret key is a live key. Copy both from the same mode.',
    })
    expect(await refusedText(scope, { publishableKey: keys.secret, secretKey: keys.publishable })).toMatchObject({
      text: expect.stringContaining('The two fields look swapped.'),
    })
  })

  test('STR-23f a key Stripe does not know, or no longer', async () => {
    const { scope } = await ground().makeOperator()
    const { key } = await sandbox.control('/keys', { account: sandbox.keysOf().accountId, kind: 'secret' })
    await sandbox.control(`/keys/${key}/revoke`)
    const text =
      'Stripe does not know this key (or it was rolled or expired). Copy the full key again from Developers → API keys.'

    for (const secretKey of ['sk_test_51NobodyIssuedThisKey', String(key)]) {
      expect(await refusedText(scope, { secretKey })).toEqual({
        title: 'Unable to verify credentials',
        text,
        field: '/secretKey',
      })
    }
  })

  test('STR-23g keys of two accounts', async () => {
    const { scope } = await ground().makeOperator()
    const other = sandbox.keysOf({ account: 'Keystone Storage' })

    const { title, text } = await refusedText(scope, { publishableKey: other.publishable })

    expect(title).toBe('Unable to verify credentials')
    expect(text).toBe(
      `The two keys belong to different Stripe accounts (secret: acct_…${sandbox.keysOf().accountId.slice(-4)}). Copy both from one account.`,
    )
  })

  test('STR-23h an Account ID the key may not act for', async () => {
    const { scope } = await ground().makeOperator()
    const { accountId } = sandbox.keysOf({ account: 'Keystone Storage' })

    for (const foreign of [accountId, 'acct_1NobodyHere1234']) {
      expect(await refusedText(scope, { accountId: foreign })).toEqual({
        title: 'Unable to verify credentials',
        text: `The secret key may not act for ${foreign}. Leave Account ID empty unless your key belongs to a Connect platform.`,
        field: '/accountId',
      })
    }
  })

  test('STR-23i a restricted key that may read nothing it needs', async () => {
    const { scope } = await ground().makeOperator()
    const { key } = await sandbox.control('/keys', {
      account: sandbox.keysOf().accountId,
      permissions: ['payment_intent_write'],
    })

    expect(await refusedText(scope, { secretKey: String(key) })).toMatchObject({
      title: 'Unable to verify credentials',
      text: 'The restricted key lacks: Balance (read). Add them in Stripe, then press Save again. Nothing was changed.',
    })
  })

  test('STR-23j an answer that did not come from Stripe', async () => {
    const { scope } = await ground().makeOperator()
    const at = connectionGround(ground(), gatewayThroughProxy())
    for (const strange of ['<html>Hotel network</html>', '{"object":"list","data":[]}', '{}']) {
      meddle = () => strange
      const { title, text } = await refusedText(scope, {}, at)
      expect(title).toBe('Unable to verify credentials')
      expect(text).toContain('The answer did not come from Stripe (a proxy may be in the way).')
    }
    meddle = undefined
  })

  test('STR-23k nobody answers, or only with a server fault: neither accepted nor refused', async () => {
    const { scope } = await ground().makeOperator()
    const nowhere = connectionGround(ground(), gatewayAt(`http://127.0.0.1:${await closedPort()}`))
    const sentence = (reason: string) => ({
      title: 'Connection test failed',
      text: `We could not reach Stripe (${reason}). Your credentials were neither accepted nor refused; try again. Existing settings still apply.`,
    })

    expect(await refusedText(scope, {}, nowhere)).toMatchObject(sentence('refused'))
    await sandbox.armFault({ method: 'GET', path: '^/v1/account$' }, { kind: 'status_before', status: 503 })
    expect(await refusedText(scope, {})).toMatchObject(sentence('HTTP 503'))
  })

  test('STR-23l an account that takes no payments is saved, with Stripe’s reason in words', async () => {
    const { scope } = await ground().makeOperator()
    meddle = (path, body) =>
      path === '/v1/account'
        ? JSON.stringify({
            ...JSON.parse(body),
            charges_enabled: false,
            requirements: { disabled_reason: 'requirements.past_due' },
          })
        : body

    expect(await save(scope, {}, connectionGround(ground(), gatewayThroughProxy()))).toMatchObject({ ok: true })
    meddle = undefined

    expect(await readConnection(scope)).toMatchObject({
      state: 'connected',
      chargesEnabled: false,
      disabledReason: 'requirements.past_due',
    })
  })

  test('STR-25 STR-23m keys of another account never replace the present ones', async () => {
    const { scope } = await ground().makeOperator()
    const other = sandbox.keysOf({ account: 'Keystone Storage' })
    await save(scope)
    const ends = [other.accountId.slice(-4), sandbox.keysOf().accountId.slice(-4)]

    expect(await refusedText(scope, { publishableKey: other.publishable, secretKey: other.secret })).toMatchObject({
      title: 'Different Stripe account',
      text: expect.stringContaining(
        `These keys belong to acct_…${ends[0]}, you are connected to acct_…${ends[1]}. Saved cards stay with the old account: 3 renters with autopay would need a new method.`,
      ),
    })
  })

  test('STR-18 TRU-26 live keys: of the sandbox here, of a real account nowhere but on PostgreSQL with Stripe itself', async () => {
    const { scope } = await ground().makeOperator('live')
    const real = { publishableKey: 'pk_live_51AbCdEfGhIjKl', secretKey: 'sk_live_51AbCdEfGhIjKl' }
    const embedded = { ...there(), acceptsLiveKeys: false }

    expect((await refusedText(scope, real, embedded)).text).toBe(
      'Live keys need PostgreSQL. This installation runs on the built-in demo database, which does not survive a power cut. Set DATABASE_URL and try again.',
    )
    expect((await refusedText(scope, real, { ...embedded, isSandboxHost: false })).text).toContain(
      'Live keys need PostgreSQL.',
    )
    expect((await refusedText(scope, real, { ...embedded, acceptsLiveKeys: true })).text).toContain(
      'this installation talks to the sandbox',
    )
    expect((await refusedText(scope, {}, { ...embedded, acceptsLiveKeys: true, isSandboxHost: false })).text).toContain(
      'issued by the sandbox',
    )
    expect(await save(scope, {}, embedded)).toMatchObject({ ok: true })
  })

  test('UI-122 keys of the other tab are not saved here', async () => {
    const { scope } = await ground().makeOperator()
    const live = sandbox.keysOf({ mode: 'live' })

    const { text } = await refusedText(scope, { publishableKey: live.publishable, secretKey: live.secret })

    expect(text).toContain('These are live keys and you are in the Test tab.')
  })
})
