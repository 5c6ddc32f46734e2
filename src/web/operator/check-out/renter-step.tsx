import { Loaded, SearchField, useApiQuery } from '#web/ui'
import { Button, Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { NewRenter } from './new-renter.tsx'
import { Continue, useStepProblem, type StepProps } from './step.tsx'
import type { RenterList } from './wire.ts'

type RenterRow = Pick<RenterList['rows'][number], 'number' | 'name' | 'businessName' | 'email'>

export function RenterStep(props: StepProps) {
  const { draft, change, renter, onNext } = props
  const [text, setText] = useState('')
  const [isNew, setNew] = useState(false)
  const query = useApiQuery<RenterList>(`/renters?${new URLSearchParams({ limit: '10', ...(text && { text }) })}`, {
    keepsPrevious: true,
  })
  const problem = useStepProblem(props, 'renter')
  if (isNew) {
    return (
      <NewRenter
        onCancel={() => setNew(false)}
        onDone={(id) => {
          setNew(false)
          change({ renterId: id })
        }}
      />
    )
  }
  return (
    <Stack>
      <SearchField label="Search name, e-mail, phone or number" value={text} onSearch={setText} />
      <Loaded query={query}>
        {({ rows }) => (
          <Radio.Group label="Renter" value={draft.renterId ?? ''} onChange={(id) => change({ renterId: id })}>
            <div className="rr-choices">
              {renter !== undefined && !rows.some(({ id }) => id === renter.id) && (
                <Radio value={renter.id} label={<RenterLabel row={renter} />} />
              )}
              {rows.map((row) => (
                <Radio key={row.id} value={row.id} label={<RenterLabel row={row} />} />
              ))}
            </div>
            {rows.length === 0 && <Text c="dimmed">{text === '' ? 'No renters yet.' : 'No renter matches.'}</Text>}
          </Radio.Group>
        )}
      </Loaded>
      <div>
        <Button variant="default" onClick={() => setNew(true)}>
          New renter
        </Button>
      </div>
      <Continue
        onNext={onNext}
        problem={problem}
        can={
          draft.renterId === undefined
            ? { allowed: false, reason: 'Choose a renter or add a new one.' }
            : { allowed: true }
        }
      />
    </Stack>
  )
}

function RenterLabel({ row }: { row: RenterRow }) {
  return (
    <>
      <strong>{row.businessName || row.name}</strong> <span className="rr-muted">{row.number}</span>
      <span className="rr-block rr-muted">
        {[row.businessName === '' ? '' : row.name, row.email].filter(Boolean).join(', ')}
      </span>
    </>
  )
}
