/** The `Stripe-Signature` header (SBX-35): HMAC-SHA256 over time and body, keyed with the whole `whsec_…` text. */
import { createHmac } from 'node:crypto'
import type { DeliveryPlan } from '../faults/webhook-faults.ts'
import { lettersFrom } from '../world/ids.ts'
import type { Row } from '../world/kinds.ts'
import type { World } from '../world/world.ts'
import { validSecrets } from './secrets.ts'

/** One `v1` part per secret. `seconds` is the sandbox's time, so a turned clock never breaks verification (SBX-40). */
export function sign(body: string, seconds: number, secrets: readonly string[]): string {
  const parts = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`)
  return [`t=${seconds}`, ...parts].join(',')
}

/** The signature of one try now, or the wrong one that a fault asks for. */
export function signAs(
  plan: DeliveryPlan,
  delivery: { readonly body: string; readonly endpoint: Row<'webhook_endpoint'>; readonly world: World },
): string {
  const { body, endpoint, world } = delivery
  const secrets = {
    right: () => validSecrets(endpoint, world.nowMs()),
    wrong: () => [`whsec_${'0'.repeat(32)}`],
    old: () => [endpoint.hidden.olderSecrets[0]?.secret ?? `whsec_${lettersFrom(`${endpoint.id}/before`, 32)}`],
  }
  const signature = sign(body, world.nowSeconds() + plan.skewSeconds, secrets[plan.secret]())
  return plan.spoilsSignature ? signature.replace(/.$/, (last) => (last === '0' ? '1' : '0')) : signature
}
