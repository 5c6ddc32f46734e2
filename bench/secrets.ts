/** What every server of a run is told: drawn anew for each run, known to all of its processes. */
import { randomBytes } from 'node:crypto'

export const secrets = {
  STRIPE_WEBHOOK_SECRET: `whsec_${randomBytes(24).toString('hex')}`,
  STRIPE_WEBHOOK_SECRET_CONNECT: `whsec_${randomBytes(24).toString('hex')}`,
}

/** The key under which operators' accounts are connected; of a form that no account of Stripe's has. */
export const platformKey = `sk_test_sandbox${randomBytes(12).toString('hex')}`

export const masterKey = randomBytes(32).toString('base64')
