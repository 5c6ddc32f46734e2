/**
 * 3-D Secure steps (SBX-22). A challenge belongs to one confirmation of one intent; it is over when it was answered, when
 * the intent was canceled, and when the intent was confirmed anew, whatever tab is still open.
 */
import type Stripe from 'stripe'
import type { Challenge, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

/** Opens a challenge and returns its token. */
export function openChallenge(space: Space, wish: Omit<Challenge, 'token' | 'state'>): string {
  const token = space.world.ids.id('tds', 32)
  space.insert('challenge', token, { object: { ...wish, token, state: 'open' }, hidden: {} })
  return token
}

export function closeChallenge(space: Space, token: string | null): void {
  if (token !== null) space.update('challenge', token, { object: { state: 'done' } })
}

export function findChallenge(
  spaces: readonly Space[],
  token: string,
): { space: Space; row: Row<'challenge'> } | undefined {
  for (const space of spaces) {
    const row = space.find('challenge', token)
    if (row !== undefined) return { space, row }
  }
  return undefined
}

/** What the intent tells the caller to do: go to the page, or, without a return address, let Stripe's script do it. */
export function describeNextAction(
  space: Space,
  token: string,
  returnUrl: string | null,
): Stripe.PaymentIntent.NextAction {
  const url = `${space.world.publicUrl}/3ds/${token}`
  if (returnUrl !== null) return { type: 'redirect_to_url', redirect_to_url: { url, return_url: returnUrl } }
  return { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url, source: token } }
}

/** Where the browser goes after the step, with what Stripe adds to the address. */
export function describeReturn(
  challenge: Challenge,
  intent: { id: string; clientSecret: string | null; hasSucceeded: boolean },
): string | null {
  if (challenge.returnUrl === null) return null
  const url = new URL(challenge.returnUrl)
  url.searchParams.set(challenge.intentKind, intent.id)
  url.searchParams.set(`${challenge.intentKind}_client_secret`, intent.clientSecret ?? '')
  url.searchParams.set('redirect_status', intent.hasSucceeded ? 'succeeded' : 'failed')
  return url.href
}
