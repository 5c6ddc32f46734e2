/**
 * The Stripe sandbox: a stand-in that answers Stripe's API over HTTP for the unchanged official SDK (spec SBX).
 * It shares no code with the product and holds no product knowledge. Pages and tests reach it through StripeSandbox.
 */
export type {
  AccountView,
  CardFields,
  ChallengeView,
  CheckoutView,
  DebitFields,
  DebitTab,
  DeliveryTryView,
  DeliveryView,
  EndpointView,
  EventView,
  HealthView,
  KeySet,
  Mode,
  ObjectKind,
  RequestView,
  StripeSandbox,
  SubmitCheckout,
  SubmitOutcome,
  TestCard,
} from './views.ts'
export { connectControlRoutes } from './connect/control-routes.ts'
export { controlRoutes, receiptRoute } from './control.ts'
export type { BalanceView, EventWithDeliveries, KeyView, PermissionView, Place, WireObject } from './dashboard/views.ts'
export type { OnboardingField, OnboardingGroup, OnboardingProblem, OnboardingView } from './connect/onboarding-views.ts'
export { dashboardRoutes } from './dashboard/control.ts'
export { debitControlRoutes } from './dashboard/debit-control.ts'
export { disputeControlRoutes } from './dashboard/dispute-control.ts'
export { endpointRoutes } from './delivery/endpoint-routes.ts'
export { payoutControlRoutes } from './payouts/control.ts'
export { RunningSandbox } from './stripe-sandbox.ts'
export { stateRoutes } from './state-routes.ts'
export { troubleRoutes } from './troubles/control.ts'
export type { TroubleView } from './troubles/troubles.ts'
