/** What a person types about a renter, and whether it can be kept. Pure. */
import { done, type Outcome } from '#kernel'
import { refuse, type RentersProblem } from './problems.ts'
import type { Renter } from './renter.ts'

export type RenterDetails = {
  readonly kind: Renter['kind']
  readonly name: string
  readonly businessName?: string | undefined
  readonly email?: string | undefined
  readonly phone?: string | undefined
  readonly billingAddress?: string | undefined
  readonly taxNumber?: string | undefined
  readonly manualPaymentsAllowed?: boolean | undefined
}

export type CleanDetails = Omit<Renter, 'id' | 'number' | 'version' | 'autopay' | 'suspendedReason'>

/** Trims every field and refuses what cannot stand on an invoice (BIL-6). */
export function cleanDetails(details: RenterDetails): Outcome<CleanDetails, RentersProblem> {
  const name = details.name.trim()
  if (name.length < 1 || name.length > 200) return refuse('name_missing', '/name')
  const businessName = details.businessName?.trim() ?? ''
  if (details.kind === 'company' && businessName === '') return refuse('business_name_missing', '/businessName')
  const email = details.email?.trim() ?? ''
  if (email !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) return refuse('email_form', '/email')
  return done({
    kind: details.kind,
    name,
    businessName,
    email,
    phone: details.phone?.trim() ?? '',
    billingAddress: details.billingAddress?.trim() ?? '',
    taxNumber: details.taxNumber?.trim() ?? '',
    manualPaymentsAllowed: details.manualPaymentsAllowed ?? false,
  })
}
