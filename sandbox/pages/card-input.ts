/**
 * What a payer typed into the card form, judged before it is submitted. No real card number is ever taken: a number that
 * passes the Luhn check and is not one of the test cards is refused (SBX-3), and a refused number is not shown again.
 */
import type { CardFields, TestCard } from '../stripe/index.ts'

export interface CheckoutInput {
  email: string
  number: string
  /** As typed: `12 / 34`, `12/2034` or `1234`. */
  expiry: string
  cvc: string
  name: string
  saveForLater: boolean
}

export interface FieldError {
  field: 'email' | 'number' | 'expiry' | 'cvc' | 'name'
  message: string
}

export const EMPTY_INPUT: CheckoutInput = { email: '', number: '', expiry: '', cvc: '', name: '', saveForLater: false }

export function readCheckoutInput(form: URLSearchParams): CheckoutInput {
  const field = (name: string) => (form.get(name) ?? '').trim().slice(0, 200)
  return {
    email: field('email'),
    number: field('number'),
    expiry: field('expiry'),
    cvc: field('cvc'),
    name: field('name'),
    saveForLater: form.get('save') === 'yes',
  }
}

/** The input a chip fills in: this test card, a date three years ahead, and a name unless one was typed. */
export function fillTestCard({ input, card, now }: { input: CheckoutInput; card: TestCard; now: Date }): CheckoutInput {
  return { ...input, number: card.spaced, ...sampleCardDetails(now), name: input.name || SAMPLE_NAME }
}

export const SAMPLE_NAME = 'Test Payer'

export function sampleCardDetails(now: Date): { expiry: string; cvc: string } {
  return { expiry: `12 / ${String((now.getUTCFullYear() + 3) % 100).padStart(2, '0')}`, cvc: '123' }
}

/** Either the card as the sandbox wants it, or one sentence for each field at fault, in the order of the form. */
export function judgeCheckoutInput(
  input: CheckoutInput,
  { testCards, now, asksEmail }: { testCards: readonly TestCard[]; now: Date; asksEmail: boolean },
): { card: CardFields } | { errors: FieldError[] } {
  const expiry = readExpiry(input.expiry)
  const errors = [
    asksEmail && judgeEmail(input.email),
    judgeNumber(input.number, testCards),
    judgeExpiry(expiry, now),
    judgeCvc(input.cvc),
    input.name === '' && { field: 'name' as const, message: 'Enter the name on the card.' },
  ].filter((error): error is FieldError => error !== false)
  if (errors.length > 0 || expiry === null) return { errors }
  return { card: { number: digitsOf(input.number), expMonth: expiry.month, expYear: expiry.year, cvc: input.cvc } }
}

function judgeEmail(email: string): FieldError | false {
  if (email === '') return { field: 'email', message: 'Enter your e-mail address.' }
  const isAddress = /^[^\s@]+@[^\s@]+$/.test(email)
  return !isAddress && { field: 'email', message: 'An e-mail address looks like name@example.com.' }
}

function judgeNumber(number: string, testCards: readonly TestCard[]): FieldError | false {
  const digits = digitsOf(number)
  if (digits === '') return { field: 'number', message: 'Enter the card number.' }
  if (testCards.some((card) => card.number === digits)) return false
  if (!passesLuhn(digits)) return { field: 'number', message: 'Your card number is incorrect.' }
  const message = 'Use a test card. This is a sandbox and takes no real card number.'
  return { field: 'number', message }
}

function judgeExpiry(expiry: { month: number; year: number } | null, now: Date): FieldError | false {
  if (expiry === null) return { field: 'expiry', message: 'Enter the expiry date as MM / YY.' }
  const months = expiry.year * 12 + expiry.month
  const isPast = months < now.getUTCFullYear() * 12 + now.getUTCMonth() + 1
  return isPast && { field: 'expiry', message: "Your card's expiry date is in the past." }
}

function judgeCvc(cvc: string): FieldError | false {
  return !/^\d{3,4}$/.test(cvc) && { field: 'cvc', message: 'Enter the 3 or 4 digits of the security code.' }
}

function readExpiry(text: string): { month: number; year: number } | null {
  const match = /^(\d{1,2})\s*[/-]\s*(\d{2}|\d{4})$/.exec(text) ?? /^(\d{2})(\d{2}|\d{4})$/.exec(text)
  const month = Number(match?.[1] ?? 0)
  const year = Number(match?.[2] ?? 0)
  if (month < 1 || month > 12) return null
  return { month, year: year < 100 ? 2000 + year : year }
}

function digitsOf(number: string): string {
  return number.replace(/[\s-]/g, '')
}

/** The check digit that real and test card numbers share: 12 to 19 digits, Luhn sum divisible by ten. */
export function passesLuhn(digits: string): boolean {
  if (!/^\d{12,19}$/.test(digits)) return false
  const sum = [...digits].toReversed().reduce((total, digit, position) => {
    const value = Number(digit) * (position % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
