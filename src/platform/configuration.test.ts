import { expect, test } from 'vitest'
import { readConfiguration } from './configuration.ts'

test('STK-73: nothing is required for the demo', () => {
  expect(readConfiguration({})).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    isSandboxOn: true,
    dataFolder: './data',
    isPortFixed: false,
  })
})

test('STK-70: with DATABASE_URL the sandbox is off unless it is asked for', () => {
  const url = 'postgres://rentroll_app@127.0.0.1/rentroll'
  expect(readConfiguration({ DATABASE_URL: url })).toMatchObject({ isSandboxOn: false, logLevel: 'info' })
  expect(readConfiguration({ DATABASE_URL: url, RENTROLL_SANDBOX: 'on' })).toMatchObject({ isSandboxOn: true })
})

test('STK-72: every bad value is named at once, with an example, and a secret is never repeated', () => {
  const read = readConfiguration({
    PORT: '70000',
    HOST: ' ',
    DATABASE_URL: 'mysql://user:hunter2@host',
    RENTROLL_MASTER_KEY: 'short',
    RENTROLL_SANDBOKS: 'on',
  })
  const problems = 'problems' in read ? read.problems : []
  expect(problems).toEqual([
    'PORT is "70000". Example: PORT=3000',
    expect.stringMatching(/^DATABASE_URL does not have the expected form/),
    expect.stringMatching(/^RENTROLL_MASTER_KEY does not have the expected form/),
    'RENTROLL_SANDBOKS is not a setting. The nearest one is RENTROLL_SANDBOX.',
  ])
  expect(problems.join()).not.toContain('hunter2')
})

test('STK-70: proxies are addresses or networks, and nothing else', () => {
  expect(readConfiguration({ TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,fd00::/8' })).toMatchObject({
    trustedProxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'],
  })
  for (const wrong of ['proxy.example.org', '10.0.0.0/33', '127.0.0.1,', '10.0.0'])
    expect(readConfiguration({ TRUSTED_PROXIES: wrong })).toEqual({
      problems: [`TRUSTED_PROXIES is "${wrong}". Example: TRUSTED_PROXIES=127.0.0.1, 10.0.0.0/8`],
    })
})

test('STK-72: two places for the master key are one too many', () => {
  const key = Buffer.alloc(32).toString('base64')
  expect(readConfiguration({ RENTROLL_MASTER_KEY: key, RENTROLL_MASTER_KEY_FILE: 'a' })).toEqual({
    problems: ['RENTROLL_MASTER_KEY and RENTROLL_MASTER_KEY_FILE are both set. Keep one.'],
  })
})

test('STR-16: the platform fee is hundredths of a percent, given back with refunds unless it says kept, and never more than all', () => {
  const feeOf = (RENTROLL_PLATFORM_FEE?: string) => readConfiguration({ RENTROLL_PLATFORM_FEE })
  expect(feeOf()).toMatchObject({ platformFee: undefined })
  expect(feeOf('150')).toMatchObject({ platformFee: { basisPoints: 150, isKeptOnRefund: false } })
  expect(feeOf('10000 kept')).toMatchObject({ platformFee: { basisPoints: 10_000, isKeptOnRefund: true } })
  for (const wrong of ['0', '10001', '1.5', '1.5%', '-150', '150 keep'])
    expect(feeOf(wrong)).toEqual({
      problems: [`RENTROLL_PLATFORM_FEE is "${wrong}". Example: RENTROLL_PLATFORM_FEE=150`],
    })
})
