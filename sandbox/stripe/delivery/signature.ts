/** The `Stripe-Signature` header (SBX-35): HMAC-SHA256 over time and body, keyed with the whole `whsec_…` text. */
import { createHmac } from 'node:crypto'

/** One `v1` part per secret. `seconds` is the sandbox's time, so a turned clock never breaks verification (SBX-40). */
export function sign(body: string, seconds: number, secrets: readonly string[]): string {
  const parts = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`)
  return [`t=${seconds}`, ...parts].join(',')
}
