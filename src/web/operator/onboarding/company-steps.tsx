/** Steps 1 and 2: the company and its place, by the same form as Settings → Company. */
import { Loaded, useApiQuery } from '#web/ui'
import { CompanyForm, type Company } from '../company/page.tsx'
import { FirstStep } from './step.tsx'
import { useOnward, type StepProps } from './wire.ts'

type Words = { readonly number: number; readonly part: 'business' | 'place'; readonly intro: string }

function CompanyStep({ onboarding, number, part, intro }: StepProps & Words) {
  const query = useApiQuery<Company>('/settings/company')
  const { run } = useOnward(number)
  const onSaved = async () => void (await run('done'))
  return (
    <FirstStep onboarding={onboarding} number={number} intro={intro}>
      <Loaded query={query}>
        {(company) => (
          <CompanyForm key={part} company={company} part={part} submitLabel="Save and continue" onSaved={onSaved} />
        )}
      </Loaded>
    </FirstStep>
  )
}

export function BusinessStep({ onboarding }: StepProps) {
  const intro = 'This is what renters see on invoices and mails.'
  return <CompanyStep onboarding={onboarding} number={1} part="business" intro={intro} />
}

export function PlaceStep({ onboarding }: StepProps) {
  const intro = 'There is one location so far; its calendar and currency are those of the company.'
  return <CompanyStep onboarding={onboarding} number={2} part="place" intro={intro} />
}
