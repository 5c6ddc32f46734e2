/** A connected account as the screens show it, member by member: no secret and no link to Stripe's form can be in it. */
import { publicId, type Mode } from '#kernel'
import { connectionStates } from '#connections'
import type { InstallationEndpointView } from '#installation'
import { requirementClasses, statusDetails, stripeStatuses, type readAccountView } from '#onboarding'
import { platformFeeWords, type PlatformFee } from '#stripe'
import { z } from '@hono/zod-openapi'
import { groupAnswer } from './draining-view.ts'

export const connectAnswer = z.strictObject({
  mode: z.enum(['test', 'live']),
  /** This installation has a Stripe account of its own in this mode. */
  isAvailable: z.boolean(),
  state: z.enum([...connectionStates, 'none']),
  /** Public id of the connection. */
  id: z.string().optional(),
  stripeStatus: z.enum(stripeStatuses),
  stripeStatusDetail: z.enum(statusDetails),
  acceptsPaidBookings: z.boolean(),
  badge: z.strictObject({
    tone: z.enum(['green', 'blue', 'yellow', 'orange', 'red', 'grey']),
    label: z.string(),
    sentence: z.string(),
    action: z.string(),
  }),
  isCharging: z.boolean(),
  /** What the installation takes of each payment here, in words; absent when nothing. */
  platformFee: z.string().optional(),
  /** News or a return from Stripe's form have not been answered yet: ask again in a moment. */
  isChecking: z.boolean(),
  fetchedAt: z.string().optional(),
  account: z
    .strictObject({
      id: z.string(),
      name: z.string(),
      country: z.string(),
      currency: z.string(),
      chargesEnabled: z.boolean(),
      payoutsEnabled: z.boolean(),
      disabledReason: z.string().optional(),
      dashboardUrl: z.string(),
    })
    .optional(),
  /** What the account was, or is being, made with. */
  wish: z
    .strictObject({
      country: z.string(),
      currency: z.string().optional(),
      businessType: z.string().optional(),
      email: z.string().optional(),
    })
    .optional(),
  demands: z.array(
    z.strictObject({
      class: z.enum(requirementClasses),
      words: z.string(),
      urgency: z.enum(['past_due', 'due', 'later']),
      deadline: z.string().optional(),
      /** Whole days until then, by the server's clock; less than nothing once it has passed. */
      daysLeft: z.number().int().optional(),
      fields: z.array(z.string()),
      reasons: z.array(z.string()),
    }),
  ),
  /** Our own links back that work now. */
  resumeLinks: z.strictObject({ count: z.number().int(), lastEndsAt: z.string().optional() }),
  /** The installation's two endpoints, which serve all connected accounts. */
  endpoints: z.array(
    z.strictObject({
      kind: z.enum(['platform', 'connect']),
      url: z.string(),
      state: z.enum(['ready', 'being_made', 'ending']),
      mask: z.string(),
      fingerprint: z.string(),
      createdAt: z.string(),
    }),
  ),
})

export type ConnectAnswer = z.infer<typeof connectAnswer>

export const chargingAnswer = z.strictObject({
  choices: z.array(
    z.strictObject({
      kind: z.enum(['own_keys', 'connect']),
      accountId: z.string().optional(),
      accountName: z.string(),
      isCharging: z.boolean(),
      mayCharge: z.boolean(),
    }),
  ),
  /** Of the one that takes new money now. Absent when none does. */
  ifChanged: z
    .strictObject({
      /** Whose saved methods live only there: they would be asked for a new one. */
      renters: z.array(z.strictObject({ label: z.string(), href: z.string() })),
      /** What is under way there and ends there: payments, bank debits, refunds. */
      groups: z.array(groupAnswer),
    })
    .optional(),
})

export const mailsAnswer = z.strictObject({
  rows: z.array(
    z.strictObject({
      id: z.string(),
      subject: z.string(),
      recipient: z.string(),
      state: z.enum(['waiting', 'sent', 'failed']),
      createdAt: z.string(),
      sentAt: z.string().optional(),
    }),
  ),
})

type About = {
  readonly now: Date
  readonly mode: Mode
  readonly isAvailable: boolean
  readonly endpoints: readonly InstallationEndpointView[]
  readonly platformFee: PlatformFee | undefined
}

export function connectView(seen: Awaited<ReturnType<typeof readAccountView>>, about: About): ConnectAnswer {
  const { connection, account, resumeLinks } = seen
  const { mode, isAvailable, endpoints } = about
  return {
    mode,
    isAvailable,
    state: connection?.state ?? 'none',
    ...(connection && { id: publicId('connection', connection.id) }),
    stripeStatus: seen.stripeStatus,
    stripeStatusDetail: seen.stripeStatusDetail,
    acceptsPaidBookings: seen.acceptsPaidBookings,
    badge: { ...seen.badge },
    isCharging: connection?.isCharging ?? false,
    ...(about.platformFee && { platformFee: platformFeeWords(about.platformFee) }),
    isChecking: seen.isChecking,
    ...(account?.fetchedAt && { fetchedAt: account.fetchedAt.toISOString() }),
    ...(connection?.accountId && { account: accountView(connection, connection.accountId) }),
    ...(account && {
      wish: {
        country: account.country,
        ...(account.currency && { currency: account.currency }),
        ...(account.businessType && { businessType: account.businessType }),
        ...(account.email && { email: account.email }),
      },
    }),
    demands: seen.demands.map(({ fields, reasons, ...demand }) => ({
      ...demand,
      ...(demand.deadline && { daysLeft: daysUntil(demand.deadline, about.now) }),
      fields: [...fields],
      reasons: [...reasons],
    })),
    resumeLinks: {
      count: resumeLinks.count,
      ...(resumeLinks.lastEndsAt && { lastEndsAt: resumeLinks.lastEndsAt.toISOString() }),
    },
    endpoints: endpoints
      .filter((endpoint) => endpoint.mode === mode)
      .map(({ kind, url, state, last4, fingerprint, createdAt }) => ({
        kind,
        url,
        state,
        mask: `whsec_••••${last4}`,
        fingerprint,
        createdAt: createdAt.toISOString(),
      })),
  }
}

type Seen = NonNullable<Awaited<ReturnType<typeof readAccountView>>['connection']>

function accountView(connection: Seen, id: string): NonNullable<ConnectAnswer['account']> {
  return {
    id,
    name: connection.accountName,
    country: connection.accountCountry,
    currency: connection.accountCurrency,
    chargesEnabled: connection.chargesEnabled,
    payoutsEnabled: connection.payoutsEnabled,
    ...(connection.disabledReason && { disabledReason: connection.disabledReason }),
    // These accounts have Stripe's full Dashboard (STR-30), which their owner signs in to (STR-39).
    dashboardUrl: `https://dashboard.stripe.com/${connection.mode === 'test' ? 'test/' : ''}dashboard`,
  }
}

const dayMs = 86_400_000

function daysUntil(deadline: string, now: Date): number {
  return Math.floor((Date.parse(deadline) - now.getTime()) / dayMs)
}
