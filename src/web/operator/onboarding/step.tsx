/** One of the first steps in its frame, and the way on where no form leads there. */
import { useConsolePath } from '#web/here'
import { Onward, StepScreen } from '#web/ui'
import type { ReactNode } from 'react'
import { isThere, useOnward, type StepProps } from './wire.ts'

type FrameProps = StepProps & { readonly number: number; readonly intro: string; readonly children: ReactNode }

export function FirstStep({ onboarding, number, intro, children }: FrameProps) {
  const path = useConsolePath()
  const hrefOf = (step: number) => path('onboarding', { step: String(step) })
  return (
    <StepScreen steps={onboarding.steps} hrefOf={hrefOf} here={number} intro={intro}>
      {children}
    </StepScreen>
  )
}

export function GoOn({ onboarding, number }: StepProps & { number: number }) {
  return <Onward isThere={isThere(onboarding, number)} deed={useOnward(number)} />
}
