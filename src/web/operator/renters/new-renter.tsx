import { useConsolePath, useGo } from '#web/here'
import { FormBody, Page, useDeed, useDeedForm } from '#web/ui'
import { RenterFields, renterRules } from './renter-fields.tsx'
import { emptyRenter, type RenterValues } from './wire.ts'

export function NewRenterPage() {
  const path = useConsolePath()
  const go = useGo()
  const deed = useDeed<RenterValues, { id: string }>({
    send: (api, values) => api.send('/renters', values),
    onDone: ({ id }) => go(path('renter', { renterId: id })),
  })
  const form = useDeedForm<RenterValues>({ initialValues: emptyRenter, validate: renterRules, deed })
  return (
    <Page title="Add a renter" back={{ href: path('renters', {}), label: 'Renters' }}>
      <div className="rr-form">
        <FormBody form={form} submitLabel="Add renter" runningLabel="Adding…">
          <RenterFields form={form} />
        </FormBody>
      </div>
    </Page>
  )
}
