import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanInput, judgeCredentials } from './credentials.ts'

const pk = 'pk_test_51AbCdEfGhIjKl'
const sk = 'sk_test_51AbCdEfGhIjKl'
const whsec = 'whsec_0123456789abcdefABCDEF'
const good = { publishableKey: pk, secretKey: sk, accountId: '', webhookSecret: '' }

function refusalOf(change: Partial<typeof good>, hasSavedKey = false) {
  const judged = judgeCredentials({ ...good, ...change }, hasSavedKey)
  if (judged.ok) throw new Error('the credentials were accepted')
  const { code, field, problem } = judged.refusal
  return { code, field, title: problem.title, text: `${problem.cause} ${problem.nextStep}` }
}

describe('STR-19 clean-up', () => {
  const dirty = [
    ` ${sk} `,
    `"${sk}"`,
    `'${sk}'`,
    `“${sk}”`,
    `\u200B${sk}\u2060`,
    `\uFEFF${sk}\n`,
    `sk_test_51AbCd\nEfGhIjKl`,
    `export STRIPE_SECRET_KEY=${sk}`,
    `STRIPE_SECRET_KEY="${sk}"`,
    `${sk}\u00A0`,
  ]
  test.each(dirty)('%j is the key', (text) => {
    expect(cleanInput(text)).toBe(sk)
  })

  test('takes nothing from a clean key, whatever it is', () => {
    const clean = fc.stringMatching(/^(sk|rk|pk)_(test|live)_[A-Za-z0-9]{10,40}$/)
    fc.assert(
      fc.property(clean, (key) => {
        expect(cleanInput(key)).toBe(key)
      }),
    )
  })

  test('keeps the equals signs at the end of a webhook secret', () => {
    expect(cleanInput('whsec_AbCdEf0123456789==')).toBe('whsec_AbCdEf0123456789==')
  })
})

describe('STR-143 what is accepted', () => {
  test('a full and a restricted key, with and without the optional fields', () => {
    for (const secretKey of [sk, sk.replace('sk_', 'rk_')]) {
      expect(judgeCredentials({ ...good, secretKey }, false)).toEqual({
        ok: true,
        value: { publishableKey: pk, secretKey, accountId: undefined, webhookSecret: undefined },
      })
    }
    expect(judgeCredentials({ ...good, accountId: 'acct_1AbCdEfGh', webhookSecret: whsec }, false)).toMatchObject({
      value: { accountId: 'acct_1AbCdEfGh', webhookSecret: whsec },
    })
  })

  test('STR-19 dots and an empty field over a saved key mean unchanged', () => {
    for (const secretKey of ['', '••••1a2b', '••••']) {
      expect(judgeCredentials({ ...good, secretKey, webhookSecret: '•••• 9f' }, true)).toMatchObject({
        value: { secretKey: undefined, webhookSecret: undefined },
      })
    }
  })
})

describe('STR-23 what is refused before Stripe is asked', () => {
  test('STR-23a keys of two modes', () => {
    expect(refusalOf({ secretKey: sk.replace('test', 'live') })).toMatchObject({
      title: 'Unable to verify credentials',
      text: 'The publishable key is a test key and the secret key is a live key. Copy both from the same mode.',
    })
  })

  test('STR-23b swapped fields', () => {
    expect(refusalOf({ secretKey: pk })).toEqual({
      code: 'publishable_in_secret',
      field: '/secretKey',
      title: 'Unable to verify credentials',
      text: 'This is a publishable key. The secret key starts with sk_ or rk_. The two fields look swapped.',
    })
    expect(refusalOf({ publishableKey: sk, secretKey: pk })).toMatchObject({
      code: 'secret_in_publishable',
      field: '/publishableKey',
    })
  })

  test('STR-23c a webhook secret in a key field, and a key in the webhook field', () => {
    const text = 'This is a webhook signing secret. It belongs in Webhook Secret.'
    expect(refusalOf({ secretKey: whsec })).toMatchObject({ field: '/secretKey', text })
    expect(refusalOf({ publishableKey: whsec })).toMatchObject({ field: '/publishableKey', text })
    expect(refusalOf({ webhookSecret: sk })).toMatchObject({
      field: '/webhookSecret',
      text: expect.stringContaining('It belongs in Secret Key.'),
    })
  })

  test('STR-23d a key of an organisation', () => {
    expect(refusalOf({ secretKey: 'sk_org_live_AbCdEfGhIjKl' })).toMatchObject({
      title: 'Unable to verify credentials',
      text: 'Organisation keys act on many accounts and are not accepted. Create a restricted key in the account itself.',
    })
  })

  const cut = [
    'sk_test_51Ab',
    'sk_test_',
    'sk_te',
    'sk_test_51AbCd…GhIj',
    'sk_test_51*******Kl',
    'rk_live_',
    'sk_test_51AbCd-EfGh+Ij',
  ]
  test.each(cut)('STR-23e %s looks cut', (secretKey) => {
    expect(refusalOf({ secretKey })).toMatchObject({
      title: 'Unable to verify credentials',
      text: 'The key looks incomplete. Copy it again with the copy button; do not select it by hand.',
    })
  })

  test('UI-122 another prefix, an empty field, a malformed account and a malformed webhook secret name what is expected', () => {
    expect(refusalOf({ secretKey: 'my password' }).text).toContain(
      'Secret Key must start with sk_test_, sk_live_, rk_test_ or rk_live_.',
    )
    expect(refusalOf({ publishableKey: '' }).text).toContain('Publishable Key is empty.')
    expect(refusalOf({ accountId: 'act_123' }).text).toContain('Account ID must start with acct_.')
    expect(refusalOf({ webhookSecret: 'whsec_short' })).toMatchObject({
      code: 'webhook_secret_form',
      field: '/webhookSecret',
    })
  })

  test('no text is accepted that does not fit the grammar, and none throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (publishableKey, secretKey) => {
        const judged = judgeCredentials({ ...good, publishableKey, secretKey }, false)
        const accepted = judged.ok ? judged.value.publishableKey : pk
        expect(accepted).toMatch(/^pk_(test|live)_[A-Za-z0-9]{10,}$/)
      }),
    )
  })
})
