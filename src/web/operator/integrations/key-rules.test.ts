import { describe, expect, it } from 'vitest'
import { cleanKey, judgeKeys, type KeyValues } from './key-rules.ts'

const pk = 'pk_test_sandboxHarbour123'
const sk = 'sk_test_sandboxHarbour123'
const blank: KeyValues = { publishableKey: '', secretKey: '', accountId: '', webhookSecret: '' }

describe('keys as they are pasted', () => {
  it('UI-121 takes away what copying adds', () => {
    expect(cleanKey(` “${sk}”\n`)).toBe(sk)
    expect(cleanKey('sk_test_\u200Bsandbox')).toBe('sk_test_sandbox')
  })

  it('UI-122 finds nothing wrong with a pair of this tab', () => {
    expect(judgeKeys({ ...blank, publishableKey: pk, secretKey: sk }, 'test')).toEqual({})
    expect(judgeKeys(blank, 'test')).toEqual({})
  })

  it('UI-122 says where a key belongs that stands in the wrong field', () => {
    const swapped = judgeKeys({ ...blank, publishableKey: sk, secretKey: pk }, 'test')
    expect(swapped.publishableKey).toMatchObject({ belongsIn: 'secretKey' })
    expect(swapped.secretKey).toMatchObject({ belongsIn: 'publishableKey' })
    const moved = judgeKeys({ ...blank, secretKey: 'whsec_0123456789abcdef' }, 'test')
    expect(moved.secretKey).toMatchObject({ belongsIn: 'webhookSecret' })
    expect(judgeKeys({ ...blank, webhookSecret: sk }, 'test').webhookSecret).toMatchObject({ belongsIn: 'secretKey' })
  })

  it('UI-122 refuses organisation keys and calls cut ones incomplete', () => {
    expect(judgeKeys({ ...blank, secretKey: 'sk_org_live_abc' }, 'test').secretKey?.text).toMatch(/^Organisation keys/)
    expect(judgeKeys({ ...blank, secretKey: 'sk_test_abc' }, 'test').secretKey?.text).toMatch(/incomplete/)
    expect(judgeKeys({ ...blank, secretKey: 'sk_test_abc…4242xyz' }, 'test').secretKey?.text).toMatch(/incomplete/)
    expect(judgeKeys({ ...blank, secretKey: 'hello' }, 'test').secretKey?.text).toBe(
      'Secret key must start with sk_test_, sk_live_, rk_test_ or rk_live_.',
    )
  })

  it('UI-122 names both fields when the modes differ, and the tab when both are of the other mode', () => {
    const live = sk.replace('test', 'live')
    const mixed = judgeKeys({ ...blank, publishableKey: pk, secretKey: live }, 'test')
    expect(mixed.publishableKey?.text).toBe(mixed.secretKey?.text)
    expect(mixed.secretKey?.text).toMatch(/publishable key is a test key and the secret key is a live key/)
    const other = judgeKeys({ ...blank, publishableKey: pk.replace('test', 'live'), secretKey: live }, 'test')
    expect(other).toEqual({
      secretKey: { text: 'These are live keys and you are in the Test tab.', otherMode: 'live' },
    })
  })
})
