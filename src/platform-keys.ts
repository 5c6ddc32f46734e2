/**
 * The keys of the installation's own Stripe account, the platform that accounts are connected to (STR-2): those of the configuration, and
 * for the demo those of the sandbox's own platform. Like any key they fit one host only (STR-18).
 */
import { Secret, StartRefusal, type Configuration } from '#platform'
import type { PlatformKeys } from '#stripe'

type SandboxKeys = readonly { readonly account: string; readonly mode: 'test' | 'live'; readonly secret: string }[]

/** What the sandbox calls the account that others are connected to. */
const sandboxPlatform = 'Rental Platform'

/** @param sandbox the keys it gave out, when it is on. @throws StartRefusal when a key does not belong to where calls go. */
export function platformKeysOf(
  { platformKeys, stripeApiBase }: Pick<Configuration, 'platformKeys' | 'stripeApiBase'>,
  sandbox: SandboxKeys | undefined,
): PlatformKeys {
  const isAtStripe = !sandbox && (!stripeApiBase || new URL(stripeApiBase).hostname === 'api.stripe.com')
  const keys: { test?: Secret; live?: Secret } = {}
  // Live money is only played with on PostgreSQL, in the sandbox as well.
  const ofDemo = sandbox?.find(({ account, mode }) => account === sandboxPlatform && mode === 'test')
  if (ofDemo) keys.test = new Secret(ofDemo.secret)
  for (const mode of ['test', 'live'] as const) {
    const text = platformKeys[mode]
    if (text === undefined) continue
    const name = `STRIPE_SECRET_KEY_${mode.toUpperCase()}`
    if (/^[a-z]+_[a-z]+_sandbox/.test(text) === isAtStripe)
      throw new StartRefusal(
        isAtStripe
          ? `${name} was issued by the sandbox, and this installation talks to Stripe itself. Set a key of your Stripe account.`
          : `${name} is a key of a real account, and this installation talks to the sandbox. Unset it, or set RENTROLL_SANDBOX=off.`,
      )
    keys[mode] = new Secret(text)
  }
  return keys
}
