import { expect, test } from 'vitest'
import {
  isAllowed,
  isPermission,
  listPermissions,
  needsStepUp,
  permissions,
  roles,
  rolesWith,
  type Permission,
} from './permissions.ts'

// TRU-90, read across: owner, admin, billing, front desk. ● allowed, S allowed with step-up, – refused.
const drawing = `
dashboard.view            ● ● ● ●
space.view                ● ● ● ●
renter.view               ● ● ● ●
lease.view                ● ● ● ●
booking.view              ● ● ● ●
renter.edit               ● ● ● ●
renter.contacts           ● ● ● ●
renter.export             S S – –
renter.erase              S S – –
lease.checkout            ● ● ● ●
lease.checkin             ● ● ● ●
lease.price               ● ● ● –
lease.billing_day         ● ● ● –
booking.create            ● ● ● ●
booking.cancel            ● ● ● ●
space.edit                ● ● – –
category.edit             ● ● – –
location.edit             ● ● – –
agreement.edit            ● ● – –
invoice.view              ● ● ● ●
invoice.send              ● ● ● ●
invoice.create            ● ● ● –
invoice.finalise          ● ● ● –
invoice.void              ● ● ● –
creditnote.create         ● ● ● –
invoice.write_off         ● ● ● –
invoice.void_paid         S S – –
payment.record            ● ● ● ●
payment.charge_saved      ● ● ● ●
payment.reverse_manual    ● ● ● –
payment_method.manage     ● ● ● ●
deposit.settle            ● ● ● ●
report.view               ● ● ● –
report.export             ● ● ● –
diagnosis.view            ● ● ● ●
refund.create             ● ● ● –
refund.create_above_limit S S – –
refund.approve            S S – –
dispute.view              ● ● ● –
dispute.respond           ● ● ● –
payout.view               ● ● ● –
reconciliation.view       ● ● ● –
payout.schedule           S S – –
payout.bank               S S – –
connection.view           ● ● ● –
connection.test           ● ● – –
connection.keys           S S – –
connection.webhook        S S – –
connection.disconnect     S S – –
connection.switch_mode    S S – –
accounting.connect        S S – –
accounting.map            ● ● ● –
accounting.resolve        ● ● ● –
settings.billing          ● ● – –
settings.tax              ● ● – –
settings.numbering        ● ● – –
settings.mail             ● ● – –
settings.booking_page     ● ● – –
staff.view                ● ● – –
staff.manage              S S – –
staff.owners              S – – –
operator.transfer         S – – –
operator.close            S – – –
apikey.manage             S S – –
outgoing_webhook.manage   S S – –
audit.view                ● ● – –
export.all                S S – –
diagnosis.repair          ● ● – –
deadletter.replay         ● ● – –
`

test('TRU-90: the drawing is the whole matrix', () => {
  const mark = (role: (typeof roles)[number], permission: Permission) => {
    if (!isAllowed(role, permission)) return '–'
    return needsStepUp(role, permission) ? 'S' : '●'
  }
  const read = Object.keys(permissions)
    .filter(isPermission)
    .map((permission) => [permission, ...roles.map((role) => mark(role, permission))])

  expect(read).toEqual(
    drawing
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/)),
  )
})

test('a role lists what it may do, and a permission who may', () => {
  expect(listPermissions('owner')).toHaveLength(Object.keys(permissions).length)
  expect(listPermissions('front_desk')).not.toContain('refund.create')
  expect(rolesWith('settings.tax')).toEqual(['owner', 'admin'])
})

test('only names of the matrix are permissions', () => {
  expect(['space.view', 'space', 'toString', '__proto__', 7].map(isPermission)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
})
