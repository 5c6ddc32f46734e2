import { expect, test } from 'vitest'
import { daysText, listNotices, type Seen } from './choose.ts'

type ConnectSeen = NonNullable<Seen['connect']>
const demand = { words: 'Details are missing', fields: ['x'], reasons: [] as string[] }

const account = (
  stripeStatusDetail: ConnectSeen['stripeStatusDetail'],
  demands: ConnectSeen['demands'] = [],
): Seen => ({
  connect: {
    state: 'connected',
    stripeStatusDetail,
    badge: { tone: 'red', label: 'A label', sentence: 'A sentence.', action: '' },
    demands,
  },
})
const trouble = (code: 'unable_to_verify' | 'inbox'): Seen => ({
  troubles: { rows: [{ code, cause: 'c', title: code, text: 'A text.', openedAt: '' }] },
})
const webhook: Seen = {
  endpoints: {
    rows: [{ isInstallation: false, health: 'missing', healthLabel: 'Webhook missing', healthDetail: 'Make it.' }],
  },
}
const skipped: Seen = {
  onboarding: {
    isBegun: true,
    steps: [{ number: 7, state: 'skipped', isThere: false }],
  } as unknown as NonNullable<Seen['onboarding']>,
}
const keysOf = (seen: Seen) => listNotices(seen).map(({ key }) => key)

test('UI-146: the order of the list, and from a detail asked for downward it can be put away', () => {
  const everything = { ...account('rejected'), ...trouble('unable_to_verify'), ...skipped, ...webhook }
  expect(listNotices(everything).map(({ key, canBePutAway }) => `${key}: ${canBePutAway ? 'can' : 'stays'}`)).toEqual([
    'account rejected: stays',
    'unable_to_verify c: stays',
    'payments left for later: can',
    'webhook missing: can',
  ])
  expect(keysOf({ ...account('active_payouts_blocked'), ...trouble('unable_to_verify') })).toEqual([
    'unable_to_verify c',
    'account active_payouts_blocked',
  ])
  expect(keysOf(trouble('inbox'))).toEqual([])
  expect(keysOf(account('active'))).toEqual([])
  expect(keysOf({ ...account('pending'), ...skipped })).toEqual(['account pending'])
})

test('UI-146 UI-144: what is overdue comes first, then what is due within 14 days, with the days that are left', () => {
  const late = { ...demand, class: 'bank' as const, urgency: 'past_due' as const }
  const due = { ...demand, class: 'people' as const, urgency: 'due' as const, daysLeft: 14 }
  expect(keysOf(account('active_action_required', [due, late]))).toEqual(['past due bank', 'due people'])
  expect(keysOf(account('active_action_required', [{ ...due, daysLeft: 15 }]))).toEqual([])
  expect([-1, 0, 1, 3].map(daysText)).toEqual([
    'The date has passed.',
    'Due within a day.',
    'Due in 1 day.',
    'Due in 3 days.',
  ])
})
