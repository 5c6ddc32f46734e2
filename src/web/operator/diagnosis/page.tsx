/** Administration → Diagnosis: every known trouble as a check, failing first, with its evidence and its remedy (screens §5.4). */
import { useConsoleAddress, useConsolePath } from '#web/here'
import {
  Banner,
  CopyButton,
  DeedButton,
  Fact,
  InstantText,
  Loaded,
  Page,
  ProblemAlert,
  Section,
  StatusBadge,
  useApiQuery,
  useDeed,
} from '#web/ui'
import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Remedies } from './remedies.tsx'
import { hrefOf, lookEveryMs, looks, verdictOf, type Changed, type Check, type Diagnosis } from './wire.ts'

type Done = { readonly title: string; readonly changes: readonly string[] }

export function DiagnosisPage() {
  const query = useApiQuery<Diagnosis>('/diagnosis', { repeatsEveryMs: lookEveryMs })
  const [done, setDone] = useState<Done>()
  const run = useDeed({ send: (api) => api.send('/diagnosis/run') })
  const onChanged = (title: string, { changes }: Changed) => setDone({ title, changes })
  return (
    <Page
      title="Diagnosis"
      intro="Known troubles, looked for every half minute. Each says how it shows, what causes it, and what cures it."
      actions={
        <DeedButton isRunning={run.isRunning} runningLabel="Running all checks…" onClick={() => void run.run()}>
          Run all checks
        </DeedButton>
      }
    >
      {run.problem !== undefined && <ProblemAlert problem={run.problem} />}
      {done !== undefined && <WhatChanged done={done} onDismiss={() => setDone(undefined)} />}
      <Loaded query={query}>{(diagnosis) => <Checks diagnosis={diagnosis} onChanged={onChanged} />}</Loaded>
    </Page>
  )
}

function WhatChanged({ done, onDismiss }: { done: Done; onDismiss: () => void }) {
  const dismiss = (
    <Button size="compact-sm" variant="default" onClick={onDismiss}>
      Dismiss
    </Button>
  )
  return (
    <Banner tone="blue" title={`What was done about "${done.title}"`} actions={dismiss}>
      <ul className="rr-plain-list">
        {done.changes.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Banner>
  )
}

type ChecksProps = { readonly diagnosis: Diagnosis; readonly onChanged: (title: string, changed: Changed) => void }

function Checks({ diagnosis, onChanged }: ChecksProps) {
  const { checks, askedAt, cleared, report, canRepair } = diagnosis
  const failing = checks.filter(({ state }) => state === 'found')
  const others = checks.filter(({ state }) => state !== 'found')
  return (
    <>
      <Section title={verdictOf(checks)}>
        <Text c="dimmed">
          {askedAt === undefined ? (
            'Stripe has not been asked yet. Run all checks asks it; nothing is changed there.'
          ) : (
            <>
              Stripe was asked last <InstantText at={askedAt} />.
            </>
          )}
        </Text>
        {failing.map((check) => (
          <Section key={check.code} title={check.title} level={3} actions={<State check={check} />}>
            <Details check={check} />
            <Remedies check={check} canRepair={canRepair} onChanged={onChanged} />
          </Section>
        ))}
      </Section>
      <Section title={failing.length === 0 ? 'Every check' : 'Other checks'}>
        <ul className="rr-lines">
          {others.map((check) => (
            <li key={check.code}>
              <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
                <strong>{check.title}</strong>
                <State check={check} />
              </Group>
              <Text>{check.text}</Text>
              {check.evidence.length > 0 && (
                <details className="rr-help">
                  <summary>Evidence for {check.title}</summary>
                  <Facts check={check} />
                </details>
              )}
              {check.remedies.length > 0 && <Remedies check={check} canRepair={canRepair} onChanged={onChanged} />}
            </li>
          ))}
        </ul>
      </Section>
      <Cleared cleared={cleared} />
      <Section title="Still stuck" actions={<CopyButton value={report} what="the report" />}>
        <Text>Copy the report and send it to whoever helps you. It holds no secret and no name of a renter.</Text>
      </Section>
    </>
  )
}

function State({ check: { state } }: { check: Check }) {
  const { word, tone } = looks[state]
  return <StatusBadge tone={tone}>{word}</StatusBadge>
}

function Details({ check }: { check: Check }) {
  return (
    <Stack gap="xs">
      <Text c="dimmed">
        How it shows: {check.symptom}
        {check.since !== undefined && (
          <>
            {' '}
            Seen since <InstantText at={check.since} />.
          </>
        )}
      </Text>
      <Text>{check.text}</Text>
      <Facts check={check} />
    </Stack>
  )
}

function Facts({ check: { evidence } }: { check: Check }) {
  const [path, address] = [useConsolePath(), useConsoleAddress()]
  return (
    <dl className="rr-facts">
      {evidence.map(({ label, value, link }) => {
        const text = isInstant(value) ? <InstantText at={value} /> : value
        return (
          <Fact key={`${label} ${value}`} label={label}>
            {link === undefined ? (
              <span className="rr-grow">{text}</span>
            ) : (
              <Anchor href={hrefOf(link, path, address)} inherit aria-label={`${label}: ${value}. Show it`}>
                {text}
              </Anchor>
            )}
          </Fact>
        )
      })}
    </dl>
  )
}

const isInstant = (value: string) => /^\d{4}-\d\d-\d\dT/.test(value)

function Cleared({ cleared }: Pick<Diagnosis, 'cleared'>) {
  if (cleared.length === 0) return null
  return (
    <Section title="Cleared in the last 24 hours">
      <ul className="rr-lines">
        {cleared.map(({ title, text, openedAt, closedAt }) => (
          <li key={`${title} ${openedAt}`}>
            <strong>{title}</strong>, <InstantText at={openedAt} /> to <InstantText at={closedAt} />
            <Text c="dimmed">{text}</Text>
          </li>
        ))}
      </ul>
    </Section>
  )
}
