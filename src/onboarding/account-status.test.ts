import { describe, expect, test } from 'vitest'
import type { ConnectedAccountSeen, RequirementsSeen } from '#stripe'
import {
  acceptsPaidBookings,
  deriveStripeStatus,
  statusDetails,
  statusWords,
  stripeStatusOf,
  type StatusAbout,
  type StatusDetail,
} from './account-status.ts'

const nothing: RequirementsSeen = {
  currentlyDue: [],
  pastDue: [],
  eventuallyDue: [],
  pendingVerification: [],
  errors: [],
}
const good: ConnectedAccountSeen = {
  id: 'acct_1',
  name: 'Harbour Desks',
  country: 'AU',
  currency: 'AUD',
  chargesEnabled: true,
  payoutsEnabled: true,
  detailsSubmitted: true,
  requirements: nothing,
  hasErroredBank: false,
  isIndividual: false,
}

type Row = { submitted: boolean; charges: boolean; payouts: boolean; reason: string; due: string }

const reasons = ['none', 'rejected', 'review', 'past_due', 'unknown']
const reasonCodes: Readonly<Record<string, string>> = {
  rejected: 'rejected.fraud',
  review: 'under_review',
  past_due: 'requirements.past_due',
  unknown: 'of_tomorrow',
}
const dues = ['nothing', 'now', 'deadline', 'coming', 'checking']
const dueParts: Readonly<Record<string, Partial<ConnectedAccountSeen>>> = {
  now: { requirements: { ...nothing, currentlyDue: ['external_account'] } },
  deadline: { requirements: { ...nothing, currentDeadline: '2026-12-01T00:00:00.000Z' } },
  coming: { futureRequirements: { ...nothing, currentlyDue: ['individual.verification.document'] } },
  checking: { requirements: { ...nothing, pendingVerification: ['individual.verification.document'] } },
}

function judge({ submitted, charges, payouts, reason, due }: Row): string {
  return deriveStripeStatus(
    {
      ...good,
      detailsSubmitted: submitted,
      chargesEnabled: charges,
      payoutsEnabled: payouts,
      ...(reasonCodes[reason] && { disabledReason: reasonCodes[reason] }),
      ...dueParts[due],
    },
    { isDisconnected: false },
  )
}

// Read across: what is due. A line without what was submitted is not drawn: it is pending, unless it was rejected.
const drawing = `
charges payouts reason    nothing                 now                     deadline                coming                  checking
on      on      none      active                  active_action_required  active_action_required  active_action_required  active
on      on      rejected  rejected                rejected                rejected                rejected                rejected
on      on      review    active                  active_action_required  active_action_required  active_action_required  active
on      on      past_due  active                  active_action_required  active_action_required  active_action_required  active
on      on      unknown   restricted              restricted              restricted              restricted              restricted
on      off     none      active_payouts_blocked  active_payouts_blocked  active_payouts_blocked  active_payouts_blocked  active_payouts_blocked
on      off     rejected  rejected                rejected                rejected                rejected                rejected
on      off     review    active_payouts_blocked  active_payouts_blocked  active_payouts_blocked  active_payouts_blocked  active_payouts_blocked
on      off     past_due  active_payouts_blocked  active_payouts_blocked  active_payouts_blocked  active_payouts_blocked  active_payouts_blocked
on      off     unknown   restricted              restricted              restricted              restricted              restricted
off     on      none      under_review            restricted              under_review            under_review            under_review
off     on      rejected  rejected                rejected                rejected                rejected                rejected
off     on      review    under_review            under_review            under_review            under_review            under_review
off     on      past_due  restricted              restricted              restricted              restricted              restricted
off     on      unknown   restricted              restricted              restricted              restricted              restricted
off     off     none      under_review            restricted              under_review            under_review            under_review
off     off     rejected  rejected                rejected                rejected                rejected                rejected
off     off     review    under_review            under_review            under_review            under_review            under_review
off     off     past_due  restricted              restricted              restricted              restricted              restricted
off     off     unknown   restricted              restricted              restricted              restricted              restricted
`

const switches = [true, false]
const onOff = (is: boolean) => (is ? 'on' : 'off')

describe('STR-34: where a connected account stands', () => {
  test('the drawing is the whole truth: every combination of what was submitted', () => {
    const judged = switches.flatMap((charges) =>
      switches.flatMap((payouts) =>
        reasons.map((reason) => [
          onOff(charges),
          onOff(payouts),
          reason,
          ...dues.map((due) => judge({ submitted: true, charges, payouts, reason, due })),
        ]),
      ),
    )
    const drawn = drawing.trim().split('\n')
    expect([['charges', 'payouts', 'reason', ...dues], ...judged]).toEqual(drawn.map((line) => line.split(/ +/)))
  })

  test('nothing that was not submitted is anything but pending or rejected', () => {
    for (const charges of switches)
      for (const payouts of switches)
        for (const reason of reasons)
          for (const due of dues)
            expect(judge({ submitted: false, charges, payouts, reason, due })).toBe(
              reason === 'rejected' ? 'rejected' : 'pending',
            )
  })

  test('what is absent or unknown fails closed', () => {
    const needed = ['chargesEnabled', 'payoutsEnabled', 'detailsSubmitted', 'requirements'] as const
    for (const name of needed) {
      const { [name]: _, ...rest } = good
      expect(deriveStripeStatus(rest, { isDisconnected: false }), name).toBe('restricted')
    }
    expect(deriveStripeStatus({ ...good, disabledReason: 'listed' }, { isDisconnected: false })).toBe('rejected')
    expect(deriveStripeStatus({ ...good, hasErroredBank: true }, { isDisconnected: false })).toBe(
      'active_payouts_blocked',
    )
  })

  test('no account, and one that left, come before all else', () => {
    expect(deriveStripeStatus(undefined, { isDisconnected: true })).toBe('not_connected')
    expect(deriveStripeStatus(good, { isDisconnected: true })).toBe('disconnected')
  })

  test('H11: only active opens paid bookings, payouts stopped or details needed included', () => {
    expect(stripeStatusOf('active_payouts_blocked')).toBe('active')
    expect(acceptsPaidBookings('active_action_required')).toBe(true)
    for (const closed of [
      'pending',
      'under_review',
      'restricted',
      'rejected',
      'disconnected',
      'not_connected',
    ] as const)
      expect(acceptsPaidBookings(closed), closed).toBe(false)
  })
})

/** The table of UI-143: detail, tone, badge, sentence, button, whether paid bookings are open. */
const card = `
not_connected          | grey   | Not connected         | Connect Stripe to take cards and bank debits. | Connect Stripe | no
pending                | blue   | Onboarding unfinished | Stripe still needs details from you. | Resume onboarding | no
under_review           | blue   | Under review          | Stripe is checking your details. Usually minutes, at most a few days. Nothing to do. | Check again | no
restricted             | red    | Restricted            | Stripe paused payments: details Stripe asked for are overdue. Due 28 Nov 2026. | Resume onboarding | no
active                 | green  | Connected             | Payments and payouts work. | Open Stripe | yes
active_action_required | yellow | Action required       | Everything works until 28 Nov 2026; then Stripe pauses payments or payouts. | Provide details | yes
active_payouts_blocked | orange | Payouts blocked       | Payments work, money waits at Stripe: a payout to your bank account failed. | Fix bank details | yes
rejected               | red    | Rejected              | Stripe declined this account: suspected fraud. Only Stripe can change that. | Contact Stripe | no
disconnected           | grey   | Disconnected          | Access was removed on 21 Nov 2026. | Connect again | no`

describe('the status card', () => {
  test('UI-143: badge, tone, sentence and button of each status', () => {
    const about: Partial<Record<StatusDetail, StatusAbout>> = {
      restricted: { disabledReason: 'requirements.past_due', deadline: '28 Nov 2026' },
      active_action_required: { deadline: '28 Nov 2026' },
      active_payouts_blocked: { hasErroredBank: true },
      rejected: { disabledReason: 'rejected.fraud' },
      disconnected: { leftOn: '21 Nov 2026' },
    }
    const rows = card.trim().split('\n')
    expect(rows.map((row) => row.split('|')[0]?.trim()).toSorted()).toEqual([...statusDetails].toSorted())
    for (const row of rows) {
      const [detail, tone, label, sentence, action, isOpen] = row.split('|').map((part) => part.trim())
      const known = detail as StatusDetail
      expect(statusWords(known, about[known]), detail).toEqual({ tone, label, sentence, action })
      expect(acceptsPaidBookings(known), detail).toBe(isOpen === 'yes')
    }
  })

  test('UI-59 UI-143: what Stripe did not say is not made up', () => {
    const said = statusDetails.map((detail) => statusWords(detail).sentence)
    expect(said.join(' ')).not.toMatch(/undefined|null|\.\./)
    expect(statusWords('restricted', { disabledReason: 'of_tomorrow' }).sentence).toBe(
      'Stripe paused payments: of_tomorrow.',
    )
    expect(statusWords('rejected', { disabledReason: 'rejected.other' }).sentence).toBe(
      'Stripe declined this account: Stripe gave no reason. Only Stripe can change that.',
    )
    expect(statusWords('active_payouts_blocked', { asked: 'A bank account for payouts is missing' }).sentence).toBe(
      'Payments work, money waits at Stripe: a bank account for payouts is missing.',
    )
  })
})
