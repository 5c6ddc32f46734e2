/** The frame of one of the first steps: what it is for, how far everything is, and the way on (UI-140). */
import { useConsolePath } from '#web/paths'
import { Columns, DeedButton, Page, ProblemAlert } from '#web/ui'
import { Anchor, Group } from '@mantine/core'
import { IconArrowForward, IconCircle, IconCircleCheck, IconCircleDot } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { lastStep, stepOf, titleOfStep, useOnward, type Onboarding } from './wire.ts'

export type StepProps = { readonly onboarding: Onboarding }

type FrameProps = StepProps & { readonly number: number; readonly intro: string; readonly children: ReactNode }

export function StepScreen({ onboarding, number, intro, children }: FrameProps) {
  const path = useConsolePath()
  const back =
    number === 1
      ? undefined
      : { href: path('onboarding', { step: String(number - 1) }), label: titleOfStep(number - 1) }
  return (
    <Page title={titleOfStep(number)} back={back} intro={`Step ${number} of ${lastStep}. ${intro}`}>
      <Columns main={children} side={<StepList onboarding={onboarding} here={number} />} />
    </Page>
  )
}

const stateWords = { open: 'To do', done: 'Done', skipped: 'Later' } as const

function StepList({ onboarding, here }: StepProps & { here: number }) {
  const path = useConsolePath()
  return (
    <ol className="rr-steps rr-first-steps">
      {onboarding.steps.map(({ number, state }) => (
        <li key={number} data-done={state === 'done'} {...(number === here ? { 'aria-current': 'step' as const } : {})}>
          <StateIcon state={state} isHere={number === here} />
          {number === here ? (
            <strong className="rr-grow">{titleOfStep(number)}</strong>
          ) : (
            <Anchor className="rr-grow" href={path('onboarding', { step: String(number) })}>
              {titleOfStep(number)}
            </Anchor>
          )}
        </li>
      ))}
    </ol>
  )
}

export function StateIcon({ state, isHere = false }: { state: keyof typeof stateWords; isHere?: boolean }) {
  const label = isHere ? `This step, ${stateWords[state].toLowerCase()}` : stateWords[state]
  if (state === 'done') return <IconCircleCheck size={20} aria-label={label} role="img" />
  if (isHere) return <IconCircleDot size={20} aria-label={label} role="img" />
  if (state === 'skipped') return <IconArrowForward size={20} aria-label={label} role="img" />
  return <IconCircle size={20} aria-label={label} role="img" />
}

type OnwardProps = StepProps & { readonly number: number; readonly children?: ReactNode }

/** Continue when the step's thing is there; until then the step can be left for later. */
export function Onward({ onboarding, number, children }: OnwardProps) {
  const deed = useOnward(number)
  const step = stepOf(onboarding, number)
  const isThere = step?.isThere === true
  return (
    <div className="rr-onward">
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
      <Group>
        <DeedButton
          {...(isThere ? {} : { variant: 'default' as const })}
          isRunning={deed.isRunning}
          runningLabel="Going on…"
          onClick={() => void deed.run(isThere ? 'done' : 'skipped')}
        >
          {isThere ? 'Continue' : 'Do this later'}
        </DeedButton>
        {children}
      </Group>
    </div>
  )
}
