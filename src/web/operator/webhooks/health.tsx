/** Health: how the road from Stripe to the books is doing (UI-155). */
import { useConsoleAddress, useConsolePath } from '#web/here'
import { FirstUse, InstantText, Loaded, plural, Section, useApiQuery } from '#web/ui'
import { Anchor, Button, Text } from '@mantine/core'
import { IconActivityHeartbeat } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { HoursChart } from './hours-chart.tsx'
import { FindMissed } from './missed-events.tsx'
import { lookEveryMs, type Endpoints, type Health } from './wire.ts'

export function HealthTab() {
  const query = useApiQuery<Health>('/webhooks/health', { repeatsEveryMs: lookEveryMs })
  return (
    <Loaded query={query}>
      {(health) => (health.newestAt === undefined ? <NoEvents /> : <Road health={health} />)}
    </Loaded>
  )
}

function NoEvents() {
  const path = useConsolePath()
  const { mode } = useConsoleAddress()
  return (
    <FirstUse
      icon={<IconActivityHeartbeat size={32} stroke={1.5} aria-hidden />}
      title="No event yet"
      why={
        mode === 'test'
          ? 'Send a test payment in Integrations.'
          : 'Live mode moves real money. The first real payment brings the first event.'
      }
      action={
        <Button component="a" href={`${path('integrations', {})}#${mode === 'test' ? 'test-payment' : 'webhook'}`}>
          Open Integrations
        </Button>
      }
    />
  )
}

function Road({ health }: { health: Health }) {
  const path = useConsolePath()
  const listed = (state: string) => path('webhooks', {}, { tab: 'inbox', state })
  return (
    <>
      <dl className="rr-figures rr-tiles" aria-label="Figures">
        <Tile label="Last verified event" isText>
          {health.lastVerifiedAt === undefined ? 'None yet' : <InstantText at={health.lastVerifiedAt} />}
        </Tile>
        <Tile label="Oldest waiting" isText>
          {health.oldestWaitingAt === undefined ? 'Nothing waits' : <InstantText at={health.oldestWaitingAt} />}
        </Tile>
        <Count label="Waiting for their turn" count={health.waiting} href={listed('waiting')} />
        <Count label="Failed, tried again" count={health.retrying} href={listed('retry')} />
        <Count label="Parked" count={health.parked} href={listed('parked')} />
        <Count label="Dead letters" count={health.dead} href={listed('dead')} isBad />
        <Count label="Quarantined" count={health.quarantined} href={listed('quarantined')} isBad />
      </dl>
      <Refused />
      <CatchUp catchUp={health.catchUp} />
      <Section title="Events per hour">
        <HoursChart
          hours={health.hours.map(({ hour, events }) => ({ hour, count: events }))}
          one="event"
          when="in the last 24 hours"
        />
      </Section>
    </>
  )
}

/** What was refused, by endpoint, with its likely cause in words. */
function Refused() {
  const path = useConsolePath()
  const { data } = useApiQuery<Endpoints>('/webhooks/endpoints', { repeatsEveryMs: lookEveryMs })
  const rows = (data?.rows ?? []).filter(({ refused24h }) => refused24h > 0)
  return (
    <Section title="Refused signatures, 24 hours">
      {rows.length === 0 ? (
        <Text c="dimmed">No delivery was refused.</Text>
      ) : (
        <ul className="rr-lines">
          {rows.map(({ id, name, refused24h, refusedCause }) => (
            <li key={id}>
              <Anchor href={path('webhooks', {}, { tab: 'endpoints' })}>{name}</Anchor>{' '}
              <strong className="rr-tone-red">{plural(refused24h, 'refused delivery', 'refused deliveries')}</strong>
              {refusedCause !== undefined && <div>{refusedCause}</div>}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

/** What Stripe had and we had not, found by asking. */
function CatchUp({ catchUp }: { catchUp: Health['catchUp'] }) {
  const { missedLast15Minutes, lastPolledAt, isUnderWay, problem } = catchUp
  return (
    <Section title="Catching up by asking Stripe" actions={<FindMissed />}>
      <Text>
        Last 15 minutes: {plural(missedLast15Minutes, 'event')} Stripe had and we had not.{' '}
        {lastPolledAt === undefined ? (
          'Stripe has not been asked yet.'
        ) : (
          <>
            Asked last <InstantText at={lastPolledAt} />.
          </>
        )}
        {isUnderWay && ' Events are being fetched now.'}
      </Text>
      {problem !== undefined && <Text mt={4}>{problem}</Text>}
    </Section>
  )
}

function Tile({ label, children, isText = false }: { label: string; children: ReactNode; isText?: boolean }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className={isText ? 'rr-tile-text' : 'rr-headline'}>{children}</dd>
    </div>
  )
}

type CountProps = { readonly label: string; readonly count: number; readonly href: string; readonly isBad?: boolean }

function Count({ label, count, href, isBad = false }: CountProps) {
  return (
    <Tile label={label}>
      {count === 0 ? (
        <span className="rr-muted">0</span>
      ) : (
        <Anchor href={href} inherit className={isBad ? 'rr-tone-red' : ''} aria-label={`${label}: ${count}. Show them`}>
          {count.toLocaleString('en')}
        </Anchor>
      )}
    </Tile>
  )
}
