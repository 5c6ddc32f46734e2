/**
 * Checking out a space (move-in), step by step, with the price beside it all the way (UI-190 to UI-192). Nothing is written before the
 * last button; a refusal leaves everything as it was typed.
 */
import { useConsolePath, useGo, usePathPart, useQuery } from '#web/here'
import { Page, useApiQuery, usePreview, useRequestKey, useToday } from '#web/ui'
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, type ReactNode } from 'react'
import { DepositStep } from './deposit-step.tsx'
import {
  emptyDraft,
  furthestStep,
  isReachable,
  keepDraft,
  steps,
  useDraft,
  wishOf,
  type Step,
  type Draft,
} from './draft.ts'
import { PaymentStep } from './payment-step.tsx'
import { RenterStep } from './renter-step.tsx'
import { ReviewStep } from './review-step.tsx'
import { SpaceStep } from './space-step.tsx'
import type { StepProps } from './step.tsx'
import { StepFrame } from './step.tsx'
import { Summary } from './summary.tsx'
import { TermsStep } from './terms-step.tsx'
import { firstInterval, type Preview, type Renter, type Space } from './wire.ts'

/** Begins a draft, with what another screen already chose, and goes to the first step that lacks something. */
export function CheckOutStart() {
  const path = useConsolePath()
  const go = useGo()
  const [query] = useQuery()
  const { key } = useRequestKey()
  const today = useToday()
  const { space, renter } = query
  useEffect(() => {
    const draft = {
      ...emptyDraft(today),
      ...(space === undefined ? {} : { spaceId: space }),
      ...(renter === undefined ? {} : { renterId: renter }),
    }
    keepDraft(key, draft)
    go(path('checkOutStep', { draftId: key, step: furthestStep(draft) }), { replace: true })
  }, [go, path, key, today, space, renter])
  return <Page title="Check out a space">{null}</Page>
}

const bodies: Record<Step, (props: StepProps) => ReactNode> = {
  space: SpaceStep,
  renter: RenterStep,
  terms: TermsStep,
  deposit: DepositStep,
  payment: PaymentStep,
  review: ReviewStep,
}

function isStep(word: string): word is Step {
  return steps.some((step) => step === word)
}

export function CheckOutPage() {
  const draftId = usePathPart('draftId')
  return <Wizard key={draftId} draftId={draftId} />
}

/** A space that was chosen elsewhere brings an interval too: the month where it is offered, else the first. */
function useFirstInterval(draft: Draft, space: Space | undefined, change: (part: Partial<Draft>) => void): void {
  const interval = draft.interval === undefined && space !== undefined ? firstInterval(space) : undefined
  useEffect(() => {
    if (interval !== undefined) change({ interval })
  }, [interval, change])
}

const typingMs = 350

function Wizard({ draftId }: { draftId: string }) {
  const path = useConsolePath()
  const go = useGo()
  const wanted = usePathPart('step')
  const [draft, change] = useDraft(draftId, useToday())
  const step = isStep(wanted) && isReachable(wanted, draft) ? wanted : furthestStep(draft)
  const [wish] = useDebouncedValue(JSON.stringify(wishOf(draft)), typingMs)
  const preview = usePreview<Preview>(
    '/check-out/preview',
    wish === undefined ? undefined : (JSON.parse(wish) as object),
  )
  const isCurrent = wish === JSON.stringify(wishOf(draft)) && !preview.isPlaceholderData
  const space = useApiQuery<Space>(`/spaces/${draft.spaceId}`, { isWanted: draft.spaceId !== undefined })
  const renter = useApiQuery<Renter>(`/renters/${draft.renterId}`, { isWanted: draft.renterId !== undefined })
  useFirstInterval(draft, space.data, change)
  const hrefOf = (name: Step) => path('checkOutStep', { draftId, step: name })
  const props: StepProps = {
    draftId,
    draft,
    change,
    space: draft.spaceId === undefined ? undefined : space.data,
    renter: draft.renterId === undefined ? undefined : renter.data,
    preview,
    isCurrent,
    onNext: () => go(hrefOf(steps[steps.indexOf(step) + 1] ?? 'review')),
  }
  const Body = bodies[step]
  return (
    <Page title="Check out a space" intro="Move-in: nothing is written before the last button.">
      <div className="rr-columns">
        <ol className="rr-wizard">
          {steps.map((name, index) => (
            <StepFrame key={name} step={name} number={index + 1} isOpen={name === step} href={hrefOf(name)} {...props}>
              {name === step && <Body {...props} />}
            </StepFrame>
          ))}
        </ol>
        <Summary {...props} />
      </div>
    </Page>
  )
}
