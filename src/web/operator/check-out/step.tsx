/** One step of the wizard: its heading, what was chosen in it, and its form while it is open. */
import type { Can, Problem } from '#web/ui'
import { DeedButton, localDateText, problemOf, ProblemAlert } from '#web/ui'
import { Anchor, Group, Text, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { furthestStep, isReachable, steps, stepTitles, type Draft, type Step } from './draft.ts'
import type { Preview, Renter, Space } from './wire.ts'

export type StepProps = {
  readonly draftId: string
  readonly draft: Draft
  readonly change: (part: Partial<Draft>) => void
  readonly space: Space | undefined
  readonly renter: Renter | undefined
  readonly preview: UseQueryResult<Preview>
  /** The preview belongs to what stands in the form now. */
  readonly isCurrent: boolean
  readonly onNext: () => void
}

type FrameProps = StepProps & {
  readonly step: Step
  readonly number: number
  readonly isOpen: boolean
  readonly href: string
  readonly children: ReactNode
}

export function StepFrame({ step, number, isOpen, href, children, ...props }: FrameProps) {
  const { draft } = props
  // Whoever is quick is a step further before the answer is there.
  const problem = useStepProblem(props, step)
  const isReached = isReachable(step, draft)
  const isPassed = !isOpen && isReached && steps.indexOf(step) < steps.indexOf(furthestStep(draft))
  const isDone = isPassed && problem === undefined && chosen(step, props) !== ''
  return (
    <li className="rr-wizard-step" data-open={isOpen} {...(isOpen ? { 'aria-current': 'step' as const } : {})}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <span className="rr-wizard-number" data-done={isDone} aria-hidden>
          {isDone ? <IconCheck size={14} /> : number}
        </span>
        <div className="rr-grow">
          <Title order={2} size="h3">
            {isReached && !isOpen ? (
              <Anchor href={href} fw={600} underline="hover">
                {stepTitles[step]}
              </Anchor>
            ) : (
              stepTitles[step]
            )}
          </Title>
          {!isOpen && isReached && <div className="rr-muted">{chosen(step, props)}</div>}
          {!isOpen && problem !== undefined && (
            <Text size="sm" c="red">
              {problem.detail}
            </Text>
          )}
          {isOpen && <div className="rr-wizard-body">{children}</div>}
        </div>
      </Group>
    </li>
  )
}

/** What a closed step says of itself. */
function chosen(step: Step, { draft, space, renter }: StepProps): string {
  if (step === 'space') return space === undefined ? '' : [space.number, space.title].filter(Boolean).join(', ')
  if (step === 'renter') return renter === undefined ? '' : renter.businessName || renter.name
  if (step === 'terms') {
    const label = space?.prices.find(({ interval }) => interval === draft.interval)?.label
    return label === undefined ? '' : `${label}, from ${localDateText(draft.startOn)}`
  }
  if (step === 'deposit' && draft.interval !== undefined) {
    const words = { standard: 'Standard', none: 'None', custom: draft.ownDeposit }
    return words[draft.deposit]
  }
  return step === 'payment' && draft.acceptedName !== '' ? `Accepted by ${draft.acceptedName}` : ''
}

/** What of the wish each step asks for. */
const fields: Readonly<Record<Step, readonly string[]>> = {
  space: ['/spaceId'],
  renter: ['/renterId'],
  terms: ['/interval', '/startOn', '/rateOverride/price', '/rateOverride/reason'],
  deposit: ['/deposit', '/deposit/custom'],
  payment: [],
  review: [],
}

/** The problem of the preview when it is about a field of this step. */
export function useStepProblem({ preview }: StepProps, step: Step): Problem | undefined {
  if (!preview.isError) return undefined
  const problem = problemOf(preview.error)
  const named = problem.errors?.map(({ pointer }) => pointer) ?? []
  return named.some((pointer) => fields[step].includes(pointer)) ? problem : undefined
}

export function messageAt(problem: Problem | undefined, pointer: string): string | undefined {
  return problem?.errors?.find((one) => one.pointer === pointer)?.detail
}

type ContinueProps = { readonly onNext: () => void; readonly problem?: Problem | undefined; readonly can?: Can }

export function Continue({ onNext, problem, can = { allowed: true } }: ContinueProps) {
  const verdict =
    problem === undefined ? can : { allowed: false, reason: `${problem.detail} ${problem.nextStep ?? ''}` }
  return (
    <>
      {problem !== undefined && <ProblemAlert problem={problem} />}
      <Group>
        <DeedButton can={verdict} onClick={onNext}>
          Continue
        </DeedButton>
      </Group>
    </>
  )
}
