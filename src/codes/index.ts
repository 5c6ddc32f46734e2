/**
 * Codes: six digits mailed to the owners of an operator, for whoever follows a link to Stripe's form and has no account here (STR-32). A right
 * one is exchanged for a pass that opens that one link for half an hour.
 */
export { drawCode, exchangeCode, isPassValid } from './codes.ts'
export { codeMail } from './mail.ts'
