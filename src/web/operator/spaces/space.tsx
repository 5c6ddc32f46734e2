import { useConsolePath, useGo, usePathPart } from '#web/here'
import {
  DataTable,
  DeedButton,
  Fact,
  Loaded,
  LocalDateText,
  MoneyText,
  NotFound,
  Page,
  Section,
  StatusBadge,
  useApiQuery,
  type Column,
} from '#web/ui'
import { Anchor } from '@mantine/core'
import { toneOf, type SpaceRow } from './wire.ts'

export function SpacePage() {
  const path = useConsolePath()
  const query = useApiQuery<SpaceRow>(`/spaces/${usePathPart('spaceId')}`)
  const list = path('spaces', {})
  return (
    <Loaded query={query} title="Space" missing={<NotFound noun="space" href={list} listLabel="All spaces" />}>
      {(space) => <SpaceScreen space={space} />}
    </Loaded>
  )
}

const priceColumns: readonly Column<SpaceRow['prices'][number]>[] = [
  { key: 'interval', head: 'Billed', cell: (price) => price.label },
  {
    key: 'price',
    head: 'Price',
    align: 'right',
    card: 'amount',
    cell: (price) => <MoneyText money={price.price} />,
  },
]

function SpaceScreen({ space }: { space: SpaceRow }) {
  const path = useConsolePath()
  const go = useGo()
  return (
    <Page
      title={space.number}
      back={{ href: path('spaces', {}), label: 'Spaces' }}
      badge={<StatusBadge tone={toneOf[space.state]}>{space.stateLabel}</StatusBadge>}
      {...(space.title === '' ? {} : { intro: space.title })}
      actions={
        <DeedButton can={space.can.checkOut} onClick={() => go(path('checkOut', {}, { space: space.id }))}>
          Check out (move-in)
        </DeedButton>
      }
    >
      {!space.can.checkOut.allowed && <p className="rr-muted">{space.can.checkOut.reason}</p>}
      <dl className="rr-facts">
        <Fact label="Category">{space.categoryName}</Fact>
        <Fact label="Deposit">
          <MoneyText money={space.deposit} />
        </Fact>
        <Fact label="Renter">
          {space.renter === undefined ? (
            'None'
          ) : (
            <>
              <Anchor href={path('renter', { renterId: space.renter.id })}>{space.renter.name}</Anchor> since{' '}
              <LocalDateText date={space.renter.since} />
            </>
          )}
        </Fact>
        {space.availableFrom !== undefined && (
          <Fact label="Free from">
            <LocalDateText date={space.availableFrom} />
          </Fact>
        )}
      </dl>
      <Section title="Prices">
        <DataTable label="Prices" rows={space.prices} rowKey={(price) => price.interval} columns={priceColumns} />
      </Section>
    </Page>
  )
}
