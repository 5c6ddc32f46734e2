/**
 * Everything of the sandbox that people see: Stripe's hosted Checkout page, the bank's 3-D Secure page and the console.
 * Plain server-rendered HTML that works without script and loads nothing from another origin (SBX-30). It owns no state:
 * each page is read from `StripeSandbox` when it is asked for, each button calls one of its deeds.
 */
import type { Route } from '../http.ts'
import { challengeRoutes } from './challenge-routes.ts'
import { checkoutRoutes } from './checkout-routes.ts'
import { onboardingRoutes } from './connect/onboarding-routes.ts'
import { consoleRoutes } from './console/console-routes.ts'
import type { ConsoleParts } from './console/console-routes.ts'
import { assetRoutes } from './page.ts'

/** Routes of all pages and of their style sheet and script. The buttons call `control`, the control API. */
export function pagesRoutes(parts: ConsoleParts): Route[] {
  const { stripe } = parts
  return [
    ...assetRoutes(),
    ...checkoutRoutes(stripe),
    ...challengeRoutes(stripe),
    ...onboardingRoutes(stripe),
    ...consoleRoutes(parts),
  ]
}
