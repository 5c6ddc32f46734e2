import { expect, test } from 'vitest'
import { blankClientSecrets } from './blank-client-secrets.ts'

const blanked = (text: string) => {
  const body = Buffer.from(text)
  blankClientSecrets(body)
  return body.toString()
}

test.each([
  ['an intent', '{"client_secret": "pi_3Abc_secret_x1Y2z3"}', '{"client_secret": "pi_3Abc_secret_******"}'],
  ['a setup', '"seti_1_secret_abc"', '"seti_1_secret_***"'],
  ['a page', '"cs_test_a1_secret_abc"', '"cs_test_a1_secret_***"'],
  ['a secret that names one', '"pi_1_secret_a_secret_b"', '"pi_1_secret_**********"'],
  ['one in an address', 'https://example.test/?s=pi_1_secret_abc&t=1', 'https://example.test/?s=pi_1_secret_***&t=1'],
  ['one cut off', 'é pi_1_secret_abc', 'é pi_1_secret_***'],
])('TRU-10: the client secret of %s is not kept', (_what, text, without) => {
  expect(blanked(text)).toBe(without)
})

test.each(['{"note": "the _secret_ of it"}', '"whsec_secret_abc"', '"api_1_secret_abc"', '"pi__secret_"', ''])(
  'STR-62: %s is kept as it came',
  (text) => expect(blanked(text)).toBe(text),
)

test('PERF-7: any text is blanked exactly where the plain expression finds a secret', () => {
  const plain = (text: string) =>
    text.replaceAll(
      /\b((?:pi|seti|cs)_\w+?_secret_)(\w+)/g,
      (_all, kept: string, secret: string) => kept + '*'.repeat(secret.length),
    )
  const parts = [
    'pi_',
    'seti_',
    'cs_',
    '_secret_',
    '_',
    'a',
    '9',
    'Z',
    ' ',
    '"',
    '-',
    '_secret',
    'secret_',
    'x'.repeat(300),
  ]
  // Linear congruence: the same texts in every run.
  let state = 11
  const draw = (below: number) => ((state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >> 8) % below
  const different: string[] = []
  let blankedOnes = 0
  for (let time = 0; time < 100_000; time += 1) {
    const text = Array.from({ length: 1 + draw(9) }, () => parts[draw(parts.length)]).join('')
    if (plain(text) !== text) blankedOnes += 1
    if (blanked(text) !== plain(text)) different.push(text)
  }
  expect(different).toEqual([])
  expect(blankedOnes).toBeGreaterThan(1_000)
})
