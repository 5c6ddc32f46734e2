/**
 * Who may do what (TRU-90, TRU-91): the one typed matrix that routes, screens, documents and tests read. Each row lists the roles in
 * the order owner, admin, billing, front_desk; `S` means with step-up, `P` that only a person may, never an API key. What surprises:
 * every operator has only an owner so far, yet the whole table stands here, so that adding a role changes no route.
 */
export const roles = ['owner', 'admin', 'billing', 'front_desk'] as const
export type Role = (typeof roles)[number]

type Cell = 'yes' | 'S' | 'no'
type Row = readonly [owner: Cell, admin: Cell, billing: Cell, frontDesk: Cell, only?: 'P']

const everybody: Row = ['yes', 'yes', 'yes', 'yes']
const office: Row = ['yes', 'yes', 'yes', 'no']
const admins: Row = ['yes', 'yes', 'no', 'no']
const adminsAgain: Row = ['S', 'S', 'no', 'no']
const adminsInPerson: Row = ['S', 'S', 'no', 'no', 'P']
const ownerInPerson: Row = ['S', 'no', 'no', 'no', 'P']

export const permissions = {
  'dashboard.view': everybody,
  'space.view': everybody,
  'renter.view': everybody,
  'lease.view': everybody,
  'booking.view': everybody,
  'renter.edit': everybody,
  'renter.contacts': everybody,
  'renter.export': adminsInPerson,
  'renter.erase': adminsInPerson,
  'lease.checkout': everybody,
  'lease.checkin': everybody,
  'lease.price': office,
  'lease.billing_day': office,
  'booking.create': everybody,
  'booking.cancel': everybody,
  'space.edit': admins,
  'category.edit': admins,
  'location.edit': admins,
  'agreement.edit': admins,
  'invoice.view': everybody,
  'invoice.send': everybody,
  'invoice.create': office,
  'invoice.finalise': office,
  'invoice.void': office,
  'creditnote.create': office,
  'invoice.write_off': office,
  'invoice.void_paid': adminsAgain,
  'payment.record': everybody,
  'payment.charge_saved': everybody,
  'payment.reverse_manual': office,
  'payment_method.manage': everybody,
  'deposit.settle': everybody,
  'report.view': office,
  'report.export': office,
  'diagnosis.view': everybody,
  'refund.create': office,
  'refund.create_above_limit': ['S', 'S', 'no', 'no'],
  'refund.approve': adminsInPerson,
  'dispute.view': office,
  'dispute.respond': office,
  'payout.view': office,
  'reconciliation.view': office,
  'payout.schedule': adminsInPerson,
  'payout.bank': adminsInPerson,
  'connection.view': office,
  'connection.test': admins,
  'connection.keys': adminsInPerson,
  'connection.webhook': adminsInPerson,
  'connection.disconnect': adminsInPerson,
  'connection.switch_mode': adminsInPerson,
  'accounting.connect': adminsInPerson,
  'accounting.map': office,
  'accounting.resolve': office,
  'settings.billing': admins,
  'settings.tax': admins,
  'settings.numbering': admins,
  'settings.mail': admins,
  'settings.booking_page': admins,
  'staff.view': admins,
  'staff.manage': adminsInPerson,
  'staff.owners': ownerInPerson,
  'operator.transfer': ownerInPerson,
  'operator.close': ownerInPerson,
  'apikey.manage': adminsInPerson,
  'outgoing_webhook.manage': adminsInPerson,
  'audit.view': admins,
  'export.all': adminsInPerson,
  'diagnosis.repair': admins,
  'deadletter.replay': admins,
} as const satisfies Record<string, Row>

export type Permission = keyof typeof permissions

export function isPermission(name: unknown): name is Permission {
  return typeof name === 'string' && Object.hasOwn(permissions, name)
}

function cellOf(role: Role, permission: Permission): Cell {
  return permissions[permission][roles.indexOf(role) as 0 | 1 | 2 | 3]
}

/** True when the role may do this, with or without step-up. */
export function isAllowed(role: Role, permission: Permission): boolean {
  return cellOf(role, permission) !== 'no'
}

/** True when the role may do this only right after proving once more who is there (TRU-78). */
export function needsStepUp(role: Role, permission: Permission): boolean {
  return cellOf(role, permission) === 'S'
}

/** The roles that may, for the sentence "Needs the {role} role". */
export function rolesWith(permission: Permission): readonly Role[] {
  return roles.filter((role) => isAllowed(role, permission))
}

export function listPermissions(role: Role): readonly Permission[] {
  return (Object.keys(permissions) as Permission[]).filter((permission) => isAllowed(role, permission))
}
