/**
 * The endpoints that serve the whole installation (STR-41, STR-43), as far as their secrets come from the environment. Operators see them
 * read-only: nothing about them can be changed here (UI-150).
 */
import type { Secret, SecretBox } from '#platform'

/** Without expiry, from `STRIPE_WEBHOOK_SECRET` and `STRIPE_WEBHOOK_SECRET_CONNECT`; what is not configured is undefined. */
export type InstallationSecrets = { readonly platform?: Secret | undefined; readonly connect?: Secret | undefined }

export type InstallationEndpoint = {
  readonly id: 'platform' | 'connect'
  readonly name: string
  readonly url: string
  readonly fingerprint: string
  readonly mask: string
  readonly environmentName: string
  readonly detail: string
  readonly whyNot: string
}

const kinds = [
  { id: 'platform', name: 'Platform', environmentName: 'STRIPE_WEBHOOK_SECRET' },
  { id: 'connect', name: 'Connected accounts', environmentName: 'STRIPE_WEBHOOK_SECRET_CONNECT' },
] as const

export function installationEndpoints(
  ground: { readonly box: SecretBox; readonly publicUrl: string },
  secrets: InstallationSecrets,
): readonly InstallationEndpoint[] {
  return kinds.flatMap((kind) => {
    const secret = secrets[kind.id]
    if (!secret) return []
    return {
      ...kind,
      url: `${ground.publicUrl}/api/stripe/webhook`,
      fingerprint: ground.box.fingerprint(secret),
      mask: maskOf(secret.reveal().slice(-4)),
      detail: `The secret comes from ${kind.environmentName}: set outside; change it there.`,
      whyNot: 'This endpoint serves every operator here. Only the installation admin can rotate it.',
    }
  })
}

/** What is shown of a signing secret (STR-61). */
export function maskOf(last4: string): string {
  return `whsec_••••${last4}`
}
