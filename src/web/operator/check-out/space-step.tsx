import { useConsolePath } from '#web/here'
import { FirstUse, Loaded, MoneyText, SearchField, useApiQuery } from '#web/ui'
import { Button, Radio, Stack } from '@mantine/core'
import { IconDoor } from '@tabler/icons-react'
import { useState } from 'react'
import { Continue, useStepProblem, type StepProps } from './step.tsx'
import { firstInterval, type Space, type SpaceList } from './wire.ts'

export function SpaceStep(props: StepProps) {
  const { draft, change, onNext } = props
  const path = useConsolePath()
  const [text, setText] = useState('')
  const query = useApiQuery<SpaceList>(`/spaces?${new URLSearchParams({ tab: 'available', ...(text && { text }) })}`, {
    keepsPrevious: true,
  })
  const problem = useStepProblem(props, 'space')
  const choose = (rows: readonly Space[], id: string) => {
    const space = rows.find((row) => row.id === id)
    const kept = space?.prices.find((price) => price.interval === draft.interval)?.interval
    const interval = kept ?? (space === undefined ? undefined : firstInterval(space))
    change({ spaceId: id, ...(interval === undefined ? {} : { interval }) })
  }
  return (
    <Loaded query={query}>
      {({ rows }) =>
        rows.length === 0 && text === '' ? (
          <FirstUse
            icon={<IconDoor size={32} stroke={1.5} aria-hidden />}
            title="No space is free"
            why="Every space is checked out or suspended, or none exists yet."
            action={
              <Button component="a" href={path('newSpaces', {})}>
                Add spaces
              </Button>
            }
          />
        ) : (
          <Stack>
            <SearchField label="Search free spaces" value={text} onSearch={setText} />
            <Radio.Group label="Space" value={draft.spaceId ?? ''} onChange={(id) => choose(rows, id)}>
              <div className="rr-choices">
                {rows.map((space) => (
                  <Radio
                    key={space.id}
                    value={space.id}
                    label={<SpaceLabel space={space} />}
                    disabled={!space.can.checkOut.allowed}
                  />
                ))}
              </div>
            </Radio.Group>
            <Continue
              onNext={onNext}
              problem={problem}
              can={draft.spaceId === undefined ? { allowed: false, reason: 'Choose a space.' } : { allowed: true }}
            />
          </Stack>
        )
      }
    </Loaded>
  )
}

function SpaceLabel({ space }: { space: Space }) {
  const [first] = space.prices
  return (
    <>
      <strong>{space.number}</strong> {space.title} <span className="rr-muted">{space.categoryName}</span>
      {first !== undefined && (
        <span className="rr-block rr-muted">
          <MoneyText money={first.price} /> {first.label.toLowerCase()}, deposit <MoneyText money={space.deposit} />
        </span>
      )}
      {!space.can.checkOut.allowed && <span className="rr-block rr-muted">{space.can.checkOut.reason}</span>}
    </>
  )
}
