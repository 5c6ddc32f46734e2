import { expect, test } from 'vitest'
import type { Connection, EndpointCheck } from '#connections'
import type { InboxHealth } from '#inbox'
import { judgeKeys, judgeTest } from './connection-checks.ts'
import type { Finding } from './finding.ts'
import type { OwnKnown } from './known.ts'
import {
  judgeBooks,
  judgeClock,
  judgeEndpointOn,
  judgeEvents,
  judgeInbox,
  judgeMails,
  judgeMoved,
  judgeQueue,
  judgeUnknown,
} from './live-checks.ts'
import { judgePending } from './pending-check.ts'

const now = new Date('2026-11-22T12:00:00Z')
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)

const check: EndpointCheck = {
  checkedAt: now.toISOString(),
  isFound: true,
  endpointId: 'we_1',
  url: 'https://rentroll.example/api/stripe/webhook/x',
  isEnabled: true,
  missingRequired: [],
  missingRecommended: [],
  apiVersion: null,
  endpointCount: 1,
}
const connection = {
  state: 'connected',
  keyKind: 'secret',
  keyLast4: 'abcd',
  accountName: 'Harbour Desks',
  chargesEnabled: true,
  endpointCheck: check,
  webhookLastVerifiedAt: ago(60),
} as Connection
const money = {
  open: 0,
  oldestOpenAt: null,
  oldestInvoiceId: null,
  processing: 0,
  processingSince: null,
  unsentSince: null,
  unknown: 0,
}
const ask = {
  askedAt: now,
  passedAt: now,
  keyFingerprint: 'f',
  title: 'Connection works',
  rows: [],
  misplaced: undefined,
  moved: undefined,
}
const well: OwnKnown = {
  now,
  connection,
  health: 'healthy',
  isRefusing: false,
  secretSince: ago(600),
  ask,
  money,
  newest: undefined,
  polled: { missedCount: 0, missedSince: null, problem: '' },
}
const settled = (minutes: number, hasEvent = false) => ({
  settledAt: ago(minutes),
  createdAt: ago(minutes),
  invoiceId: 'inv_1',
  hasEvent,
})
const said = ({ state, cause }: Finding) => (state === 'found' ? cause : state)

test('STR-111: each fault of the webhook has its cause, and a payment under way alone is none', () => {
  const wrong = { ...check, isFound: false }
  const cases: readonly (readonly [string, Partial<OwnKnown>])[] = [
    ['ok', {}],
    ['ok', { money: { ...money, open: 1, processing: 1, processingSince: ago(9000) } }],
    ['no_endpoint', { health: 'missing', connection: { ...connection, endpointCheck: wrong } }],
    ['no_secret', { health: 'missing' }],
    [
      'wrong_url',
      {
        health: 'missing',
        connection: { ...connection, endpointCheck: wrong },
        ask: { ...ask, misplaced: { id: 'we_2', url: 'https://old.example' } },
      },
    ],
    ['switched_off', { health: 'disabled', isRefusing: true }],
    ['secret_mismatch', { health: 'partial', isRefusing: true }],
    [
      'events_missing',
      {
        health: 'failing',
        connection: { ...connection, endpointCheck: { ...check, missingRequired: ['charge.refunded'] } },
      },
    ],
    ['delivery_failing', { health: 'silent' }],
    ['delivery_failing', { newest: settled(3) }],
    ['ok', { newest: settled(1) }],
    ['ok', { newest: settled(3, true) }],
    ['ok', { newest: settled(700) }],
    ['delivery_failing', { polled: { missedCount: 2, missedSince: ago(3), problem: '' } }],
    ['cannot_tell', { health: 'missing', connection: { ...connection, state: 'broken' } }],
  ]
  expect(cases.map(([, change]) => said(judgePending({ ...well, ...change })))).toEqual(cases.map(([word]) => word))
})

test('STR-110 STR-112: key, network and account are told apart', () => {
  const asked = (row: string, state = 'fail') => ({
    ...well,
    ask: { ...ask, rows: [{ row, state, text: 'A sentence.' }] },
  })
  expect(said(judgeKeys(well))).toBe('ok')
  expect(said(judgeKeys({ ...well, connection: { ...connection, state: 'broken' } }))).toBe('key_refused')
  expect(said(judgeKeys(asked('permissions')))).toBe('permissions_failed')
  expect(said(judgeTest(well))).toBe('ok')
  expect(said(judgeTest(asked('api_reachable')))).toBe('stripe_unreachable')
  expect(said(judgeTest(asked('charges_enabled')))).toBe('account_inactive')
  expect(said(judgeTest({ ...well, ask: undefined, connection: { ...connection, chargesEnabled: false } }))).toBe(
    'account_inactive',
  )
  expect(said(judgeTest({ ...asked('api_reachable'), connection: { ...connection, state: 'broken' } }))).toBe(
    'cannot_tell',
  )
})

const quiet = {
  dead: 0,
  quarantined: 0,
  waiting: 0,
  retrying: 0,
  parked: 0,
  deadReasons: [],
  hours: [],
} as unknown as InboxHealth
const clockRow = (state: string) => ({ ...well, ask: { ...ask, rows: [{ row: 'clock', state, text: 'A sentence.' }] } })
const open = { ...well, money: { ...money, open: 2 } }

test('UI-161: each live check can pass, and can be found or say that it cannot tell', () => {
  const looked = (change: Partial<EndpointCheck> | null) => ({
    ...well,
    connection: { ...connection, endpointCheck: change && { ...check, ...change } },
  })
  const breach = { invariant: 'i01', subject: 's', expected: '0', actual: '1', detail: '' }
  const waiting = (minutes: number) => ({
    isBusy: false,
    waiting: [{ name: 'payments.drive', startAfter: ago(minutes) }],
  })
  const findings = [
    [
      judgeMoved(well),
      judgeMoved(open),
      judgeMoved({ ...open, ask: { ...ask, moved: { payments: 0, invoiceId: undefined } } }),
      judgeMoved({ ...open, ask: { ...ask, moved: { payments: 1, invoiceId: 'inv_1' } } }),
    ],
    [
      judgeInbox(well, quiet),
      judgeInbox(well, { ...quiet, dead: 1 }),
      judgeInbox(well, { ...quiet, oldestWaitingAt: ago(6) }),
    ],
    [
      judgeEndpointOn(well),
      judgeEndpointOn(looked({ isEnabled: false })),
      judgeEndpointOn(looked(null)),
      judgeEndpointOn(looked({ isFound: false })),
    ],
    [
      judgeEvents(well),
      judgeEvents(looked({ missingRequired: ['charge.refunded'] })),
      judgeEvents(looked(null)),
      judgeEvents(looked({ isFound: false })),
    ],
    [judgeClock(well), judgeClock(clockRow('pass')), judgeClock(clockRow('fail'))],
    [judgeBooks([]), judgeBooks([breach])],
    [judgeQueue(waiting(4), now), judgeQueue(waiting(6), now)],
    [judgeMails({ late: 0, oldestAt: null }), judgeMails({ late: 2, oldestAt: ago(9) })],
    [judgeUnknown(well), judgeUnknown({ money: { ...money, unknown: 1 } })],
  ]
  expect(findings.map((row) => row.map(said).join(' '))).toEqual([
    'ok cannot_tell ok moved',
    'ok given_up late',
    'ok disabled cannot_tell cannot_tell',
    'ok missing cannot_tell cannot_tell',
    'cannot_tell ok off',
    'ok broken',
    'ok late',
    'ok not_taken',
    'ok unknown',
  ])
  for (const { text } of findings.flat()) expect(text).toMatch(/[.]$/)
})
