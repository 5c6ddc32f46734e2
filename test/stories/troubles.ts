/**
 * Everything that can be typed wrong or go wrong at Stripe while an operator is being connected (stripe.md §3, §4, §16), each as a deed
 * that provokes it in the running product. What the product then says is not written here: docs/connection-troubles.md is printed from it.
 */
import { testConnection, connectionGroundOf } from '#connections'
import { refuseOnboarding } from '#onboarding'
import { turnableClock } from '#platform'
import { createStripe } from '#stripe'
import { eventually, type Product, type Reply, type Session } from '#test/product'
import { connect, fillForm, onboarded, onboardingPath, press, status } from './connecting.ts'
import { control, openLane, provoke, type FaultWish, type Lane } from './faulty.ts'
import { connectStripe, sandboxKeys, signUp } from './walk.ts'

/** The three parts of what a person reads (UI-59). */
export type Said = { readonly title: string; readonly cause: string; readonly next: string }

export type Trouble = {
  /** The requirement it belongs to. */
  readonly about: string
  readonly what: string
  /** Said in this way on one of the two databases only. */
  readonly only?: 'pglite' | 'postgres'
  provoke(): Promise<Said>
}

export type Chapter = { readonly title: string; readonly troubles: readonly Trouble[] }

const someKey = '4eC39HqLyjWDarjtT1zdp7dc'

const saidIn = ({ body }: Reply): Said => ({ title: body.title, cause: body.detail, next: body.nextStep })

/** Everybody the troubles happen to, made once. */
export async function openScene(product: Product) {
  const fresh = await signUp(product)
  const old = await signUp(product)
  await connectStripe(old, product, { webhook: false })
  const lane = await openLane(product, 'Troubled Desks')
  const account = await onboarded(product)
  await status(account.session, 'active')
  return { product, fresh, old, lane, account }
}

export type Scene = Awaited<ReturnType<typeof openScene>>

export function listChapters(scene: Scene): readonly Chapter[] {
  return [
    { title: 'Own keys: what is pasted', troubles: pasted(scene) },
    { title: 'Own keys: what Stripe answers to them', troubles: answered(scene) },
    { title: 'Own keys: later', troubles: later(scene) },
    { title: 'The webhook', troubles: webhook(scene) },
    { title: 'Stripe Connect: making the account', troubles: making(scene) },
    { title: 'Stripe Connect: the way to Stripe’s form', troubles: links(scene) },
    { title: 'Stripe Connect: how the account stands', troubles: standing(scene) },
    { title: 'The payout schedule', troubles: schedule(scene) },
  ]
}

type Pasted = { publishableKey: string; secretKey?: string; accountId?: string; webhookSecret?: string }

const saving = (session: Session, keys: Pasted) => async () =>
  saidIn(await session.refused('PUT', '/connections/stripe', keys))

function pasted({ product, fresh }: Scene): readonly Trouble[] {
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

function answered({ product, fresh, old, lane }: Scene): readonly Trouble[] {
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

/** One badge of the card under Integrations; its sentence says what to do. */
function badge(connection: { badges: { label: string; sentence: string }[] }, place: number): Said {
  const { label, sentence } = connection.badges[place]!
  return { title: label, cause: sentence, next: '' }
}

/** One row of Test Connection under its title. */
function testRow(report: { title: string; rows: readonly { row: string; text: string }[] }, row: string): Said {
  return { title: report.title, cause: report.rows.find((one) => one.row === row)!.text, next: '' }
}

function later({ product, lane }: Scene): readonly Trouble[] {
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

function webhook({ product, fresh, lane }: Scene): readonly Trouble[] {
  const { session, secretKey } = lane
  const atStripe = async (method: string, path: string, form: Record<string, string> | [string, string][] = {}) => {
    const reply = await fetch(`${product.sandbox.url}/v1/webhook_endpoints${path}`, {
      method,
      headers: { Authorization: `Bearer ${secretKey}` },
      ...(method === 'POST' && { body: new URLSearchParams(form) }),
    })
    return (await reply.json()) as any
  }
  const ours = async () => (await atStripe('GET', '')).data[0]
  const checked = async () => session.good('POST', '/connections/stripe/endpoint/check')
  return [
    {
      about: 'STR-23c',
      what: 'A webhook secret before there are keys',
      provoke: async () =>
        saidIn(
          await fresh.refused('PUT', '/connections/stripe/webhook-secret', {
            webhookSecret: `whsec_${'f'.repeat(32)}`,
          }),
        ),
    },
    {
      about: 'STR-46',
      what: 'Two of the required events are not selected',
      async provoke() {
        const { id, enabled_events: events } = await ours()
        const left = events.filter((name: string) => !['charge.refunded', 'refund.updated'].includes(name))
        await atStripe(
          'POST',
          `/${id}`,
          left.map((name: string) => ['enabled_events[]', name]),
        )
        await checked()
        return testRow(await session.good('POST', '/connections/stripe/test'), 'events_selected')
      },
    },
    {
      about: 'STR-46',
      what: 'The same on the card',
      provoke: async () => badge(await session.good('GET', '/connections/stripe'), 1),
    },
    {
      about: 'STR-46',
      what: 'The endpoint is switched off at Stripe',
      async provoke() {
        await session.good('POST', '/connections/stripe/endpoint/repair')
        await atStripe('POST', `/${(await ours()).id}`, { disabled: 'true' })
        await checked()
        return badge(await session.good('GET', '/connections/stripe'), 1)
      },
    },
    {
      about: 'STR-137',
      what: 'The endpoint was deleted at Stripe',
      async provoke() {
        await atStripe('DELETE', `/${(await ours()).id}`)
        await checked()
        return badge(await session.good('GET', '/connections/stripe'), 1)
      },
    },
    {
      about: 'STR-44',
      what: 'A seventeenth endpoint',
      async provoke() {
        for (let place = 1; place <= 16; place += 1)
          await atStripe('POST', '', [
            ['url', `https://other.example/${place}`],
            ['enabled_events[]', 'charge.failed'],
          ])
        return saidIn(await session.refused('POST', '/connections/stripe/endpoint'))
      },
    },
    {
      about: 'STR-54',
      what: 'Deliveries whose signature does not match',
      async provoke() {
        await session.good('PUT', '/connections/stripe/webhook-secret', { webhookSecret: `whsec_${'a'.repeat(32)}` })
        const { webhook: seen } = await session.good('GET', '/connections/stripe')
        product.clock.advance(2_000)
        await fetch(seen.addresses.own, { method: 'POST', headers: { 'Stripe-Signature': 't=1,v1=0' }, body: '{}' })
        await product.ground.receiver.settle()
        const { badges } = await eventually(
          () => session.good('GET', '/connections/stripe'),
          ({ badges: found }) => found[1]?.label === 'Deliveries refused',
        )
        return badge({ badges }, 1)
      },
    },
  ]
}

function making({ product }: Scene): readonly Trouble[] {
  const faulty = (what: string, about: string, effect: FaultWish['effect'], times = 9): Trouble => ({
    about,
    what,
    async provoke() {
      const session = await signUp(product)
      await control(product, 'POST', '/faults', {
        where: 'api',
        match: { method: 'POST', path: '/v1/accounts$' },
        effect,
        times,
      })
      const said = saidIn(await session.refused('POST', '/connect/account', { country: 'AU' }))
      await control(product, 'DELETE', '/faults')
      return said
    },
  })
  return [
    {
      about: 'STR-30',
      what: 'A country Stripe does not serve',
      provoke: async () => saidIn(await (await signUp(product)).refused('POST', '/connect/account', { country: 'KP' })),
    },
    faulty('Stripe refuses the key of the installation', 'STR-30', { kind: 'status_before', status: 401 }),
    faulty('The installation may not make accounts', 'STR-30', { kind: 'status_before', status: 403 }),
    faulty('The answer is lost', 'STR-29', 'drop_after'),
  ]
}

/** As a program asks for Stripe's form: what a browser is shown on the page it came from is in the refusal. */
async function minting(session: Session): Promise<Said> {
  return saidIn(await session.refused('POST', '/connect/onboarding'))
}

function links({ product }: Scene): readonly Trouble[] {
  const begun = async () => {
    const session = await signUp(product)
    const { id } = await session.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
    return { session, id: id as string }
  }
  const resume = async (session: Session) => {
    const { url } = await session.good('POST', '/connect/resume-links')
    return `/api/v1${new URL(url).pathname}`
  }
  const failing = async (session: Session, effect: FaultWish['effect']) => {
    await control(product, 'POST', '/faults', {
      where: 'api',
      match: { method: 'POST', path: '/v1/account_links$' },
      effect,
      times: 9,
    })
    const said = await minting(session)
    await control(product, 'DELETE', '/faults')
    return said
  }
  return [
    { about: 'STR-31', what: 'No account was made yet', provoke: async () => minting(await signUp(product)) },
    {
      about: 'STR-31',
      what: 'Stripe makes no link to its form',
      provoke: async () => failing((await begun()).session, { kind: 'status_before', status: 503 }),
    },
    {
      about: 'STR-33',
      what: 'Stripe sends the person back again and again',
      async provoke() {
        const { session, id } = await begun()
        for (let bounce = 0; bounce < 3; bounce += 1) await press(product, session, `/connect/refresh?c=${id}`, 'GET')
        const reply = await fetch(`${product.origin}/connect/refresh?c=${id}`, {
          redirect: 'manual',
          headers: { Cookie: session.cookie },
        })
        const code = new URL(reply.headers.get('location')!, product.origin).searchParams.get('problem')
        const { title, cause, nextStep } = refuseOnboarding(code as 'sent_back').refusal.problem
        return { title, cause, next: nextStep }
      },
    },
    {
      about: 'STR-32',
      what: 'A resume link that is tampered with, or of another company',
      async provoke() {
        const path = await resume((await begun()).session)
        const other = await signUp(product)
        const foreign = saidIn(await other.refused('POST', path))
        const cut = saidIn(await other.refused('POST', `${path.slice(0, -1)}_`))
        if (JSON.stringify(foreign) !== JSON.stringify(cut))
          throw new Error('a foreign link and a wrong one look apart')
        return foreign
      },
    },
    {
      about: 'STR-32',
      what: 'A resume link that was revoked',
      async provoke() {
        const { session } = await begun()
        const path = await resume(session)
        await session.good('POST', '/connect/resume-links/revoke')
        return saidIn(await session.refused('POST', path))
      },
    },
    {
      about: 'STR-32',
      what: 'The link is used for the eleventh time within an hour',
      async provoke() {
        const { session } = await begun()
        const path = await resume(session)
        for (let mint = 0; mint < 10; mint += 1) await press(product, session, path)
        return saidIn(await session.refused('POST', path))
      },
    },
  ]
}

/** The badge of the connected account under Settings, Payments, with the button below it. */
async function cardOf(session: Session, wanted: string, since = new Date(0)): Promise<Said> {
  const { badge: shown } = await eventually(
    () => session.good('GET', '/connect'),
    ({ stripeStatusDetail, fetchedAt }) => stripeStatusDetail === wanted && new Date(fetchedAt) > since,
  )
  return { title: shown.label, cause: shown.sentence, next: shown.action }
}

function standing({ product, account }: Scene): readonly Trouble[] {
  const { session, accountId } = account
  const scripted = (about: string, what: string, [script, wanted]: readonly [string, string]): Trouble => ({
    about,
    what,
    async provoke() {
      await control(product, 'POST', `/accounts/${accountId}/script`, { script })
      // The account as it was before may have looked alike.
      return cardOf(session, wanted, product.clock.now())
    },
  })
  return [
    {
      about: 'STR-34',
      what: 'The form was left half-way',
      async provoke() {
        const other = await signUp(product)
        await other.good('POST', '/connect/account', { country: 'AU', businessType: 'company' })
        const { location } = await press(product, other, onboardingPath(other))
        fillForm(product, location, 'saved_for_later')
        return cardOf(other, 'pending')
      },
    },
    scripted('STR-34', 'Stripe checks what was sent', ['under_review', 'under_review']),
    scripted('STR-34', 'Details of directors are missing', ['directors_missing', 'restricted']),
    scripted('STR-34', 'Details are overdue', ['past_due', 'restricted']),
    scripted('STR-34', 'The platform paused the account', ['platform_paused', 'restricted']),
    scripted('STR-134', 'Stripe gives a reason nobody knows', ['unknown_disabled_reason', 'restricted']),
    scripted('STR-34', 'No bank account', ['no_bank_account', 'active_payouts_blocked']),
    scripted('STR-34', 'Details are due in a week', ['due_later', 'active_action_required']),
    scripted('STR-34', 'Details will be asked for', ['future_requirements', 'active_action_required']),
    scripted('STR-34', 'Stripe rejected the account', ['rejected_fraud', 'rejected']),
    {
      about: 'STR-38',
      what: 'The operator removed Rentroll at Stripe',
      async provoke() {
        await control(product, 'POST', `/accounts/${accountId}/deauthorize`)
        return cardOf(session, 'disconnected')
      },
    },
    {
      about: 'STR-38',
      what: 'Connecting again an account that was removed',
      provoke: async () => saidIn(await session.refused('POST', '/connect/account', { country: 'AU' })),
    },
    {
      about: 'STR-14',
      what: 'Choosing an account that may not take payments',
      async provoke() {
        const other = await signUp(product)
        await connect(product, other, 'under_review')
        await status(other, 'under_review')
        return saidIn(await other.refused('PUT', '/connections/charging', { kind: 'connect' }))
      },
    },
  ]
}

function schedule({ lane }: Scene): readonly Trouble[] {
  const wrong = (what: string, wish: object): Trouble => ({
    about: 'STR-132',
    what,
    async provoke() {
      const { body } = await lane.session.refused('PUT', '/payouts/schedule', {
        weeklyDays: [],
        monthlyDays: [],
        ...wish,
      })
      const [field] = body.errors ?? []
      return { title: body.title, cause: field?.detail ?? body.detail, next: body.nextStep }
    },
  })
  return [
    wrong('Weekly on a Saturday', { interval: 'weekly', weeklyDays: ['saturday'] }),
    wrong('Weekly on no day', { interval: 'weekly' }),
    wrong('Weekly on the same day twice', { interval: 'weekly', weeklyDays: ['friday', 'friday'] }),
    wrong('Monthly on day 0', { interval: 'monthly', monthlyDays: [0] }),
    wrong('Monthly on day 32', { interval: 'monthly', monthlyDays: [32] }),
  ]
}
