import Stripe from 'stripe'
export const sdk = new Stripe('')
