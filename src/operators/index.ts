/**
 * Operators: the companies that rent out spaces. This module owns the people who work there, how they sign up and in, their roles
 * and permissions, and the settings of the company: its name on paper, currency, time zone and taxes.
 */
export { networkOf, networkPrefix } from './attempts.ts'
export { getCompany, saveCompany } from './company.ts'
export { findDemoPassword, makeDemoOperator, signInToDemo } from './demo-operator.ts'
export { changePassword, requestPasswordReset, resetPassword } from './new-password.ts'
export { createPeople, type People } from './people.ts'
export {
  findFirstOwner,
  findOperator,
  findUser,
  listOperatorIds,
  listOperatorRegister,
  listOwnerEmails,
} from './people-store.ts'
export {
  isAllowed,
  isPermission,
  listPermissions,
  needsStepUp,
  rolesWith,
  type Permission,
  type Role,
} from './permissions.ts'
export {
  findVisit,
  findWorkplace,
  listWorkplaces,
  noteOfPerson,
  signIn,
  signOut,
  type PersonalNote,
  type Visit,
} from './sign-in.ts'
export { findProofEnd, listStepUpMethods, proveAgain, stepUpMethods } from './step-up.ts'
export { confirmSignUp, findSignUp, repeatSignUp, requestSignUp } from './sign-up.ts'
export type { Company, TaxRate } from './store.ts'
export { addTaxRate, listTaxRates, retireTaxRate } from './tax-rates.ts'
