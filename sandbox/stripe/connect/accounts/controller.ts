/** Who pays, who loses, who asks and who sees: the four choices an account is made with, and the old types' names for them. */
import type Stripe from 'stripe'
import { refuse } from '../../errors.ts'
import type { AccountIdentity } from './account-parameters.ts'

export interface ControllerChoice {
  readonly payer: 'account' | 'application'
  readonly losses: 'application' | 'stripe'
  readonly collection: 'application' | 'stripe'
  readonly dashboard: 'express' | 'full' | 'none'
}

type OldType = 'custom' | 'express' | 'standard'

const oldTypes: Readonly<Record<OldType, ControllerChoice>> = {
  custom: { payer: 'application', losses: 'application', collection: 'application', dashboard: 'none' },
  express: { payer: 'application', losses: 'application', collection: 'stripe', dashboard: 'express' },
  standard: { payer: 'account', losses: 'stripe', collection: 'stripe', dashboard: 'full' },
}

/** The choices a call makes; Stripe's defaults are those of a standard account. Throws StripeRefusal for a contradiction. */
export function checkController(params: AccountIdentity): ControllerChoice {
  const { controller, type } = params
  if (controller !== undefined && type !== undefined)
    throw refuse('You may only specify one of these parameters: controller, type.', { param: 'type' })
  if (controller === undefined) return oldTypes[type ?? 'standard']
  const choice: ControllerChoice = {
    payer: controller.fees?.payer ?? 'account',
    losses: controller.losses?.payments ?? 'stripe',
    collection: controller.requirement_collection ?? 'stripe',
    dashboard: controller.stripe_dashboard?.type ?? 'full',
  }
  if (choice.losses === 'application' && choice.payer !== 'application')
    throw refuse('Setting controller.losses.payments=application requires controller.fees.payer=application.', {
      param: 'controller[fees][payer]',
    })
  if (choice.collection === 'application' && (choice.dashboard !== 'none' || choice.losses !== 'application'))
    throw refuse(
      'Setting controller.requirement_collection=application requires controller.losses.payments=application and controller.stripe_dashboard.type=none.',
      { param: 'controller[requirement_collection]' },
    )
  return choice
}

/** An account made by its controller shows the old type with the same choices, else 'none' [U]. */
export function typeOf(choice: ControllerChoice): OldType | 'none' {
  const same = Object.entries(oldTypes).find(([, old]) => JSON.stringify(old) === JSON.stringify(choice))
  return (same?.[0] as OldType | undefined) ?? 'none'
}

/** As the account shows them; an account made by its type says so in who pays the fees. */
export function describeController(choice: ControllerChoice, type: OldType | undefined): Stripe.Account.Controller {
  const payer = type === 'custom' || type === 'express' ? `application_${type}` : choice.payer
  return {
    type: 'application',
    is_controller: true,
    fees: { payer },
    losses: { payments: choice.losses },
    requirement_collection: choice.collection,
    stripe_dashboard: { type: choice.dashboard },
  }
}
