/** Test Connection: a checklist of questions to Stripe that change nothing (UI-126). */
import { CopyButton, DeedButton, ProblemAlert, Section, useDeed } from '#web/ui'
import { Group, Text } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconLoader2,
  type Icon,
} from '@tabler/icons-react'
import { useState } from 'react'
import { stripePath, type Report } from './wire.ts'

type Row = Report['rows'][number]

const labels: readonly (readonly [row: Row['row'], label: string])[] = [
  ['api_reachable', 'API reachable'],
  ['secret_key', 'Secret key accepted'],
  ['account_and_mode', 'Account and mode'],
  ['publishable_key', 'Publishable key'],
  ['charges_enabled', 'Charges enabled'],
  ['payouts_enabled', 'Payouts enabled'],
  ['permissions', 'Permissions'],
  ['endpoint_found', 'Webhook endpoint found'],
  ['events_selected', 'Events selected'],
  ['endpoint_enabled', 'Endpoint enabled'],
  ['last_delivery', 'Last verified delivery'],
  ['clock', 'Clock'],
]

const looks: Record<Row['state'], { readonly icon: Icon; readonly word: string; readonly tone: string }> = {
  pass: { icon: IconCircleCheck, word: 'passed', tone: 'green' },
  warn: { icon: IconAlertTriangle, word: 'warning', tone: 'orange' },
  fail: { icon: IconCircleX, word: 'failed', tone: 'red' },
  not_checked: { icon: IconCircleDashed, word: 'not checked', tone: 'grey' },
}

function reportText({ title, testedAt, rows }: Report): string {
  const lines = rows.map(({ row, state, text, durationMs, requestId }) =>
    [row, looks[state].word, text, durationMs === undefined ? '' : `${durationMs} ms`, requestId ?? '']
      .filter(Boolean)
      .join(' · '),
  )
  return [`${title} (${testedAt})`, ...lines].join('\n')
}

export function TestConnection() {
  const [report, setReport] = useState<Report>()
  const deed = useDeed<void, Report>({ send: (api) => api.send(`${stripePath}/test`), onDone: setReport })
  return (
    <Section
      title="Test Connection"
      actions={
        <Group gap="xs">
          {report !== undefined && !deed.isRunning && <CopyButton value={reportText(report)} what="the report" />}
          <DeedButton
            variant="default"
            isRunning={deed.isRunning}
            runningLabel="Testing…"
            onClick={() => void deed.run()}
          >
            {report === undefined ? 'Test Connection' : 'Run again'}
          </DeedButton>
        </Group>
      }
    >
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
      {deed.isRunning && <Waiting />}
      {!deed.isRunning && report !== undefined && <Result report={report} />}
      {!deed.isRunning && report === undefined && (
        <Text c="dimmed">Asks Stripe twelve questions. Nothing is changed there or here.</Text>
      )}
    </Section>
  )
}

function Waiting() {
  return (
    <ul className="rr-check-list" aria-busy="true">
      {labels.map(([row, label]) => (
        <li key={row}>
          <IconLoader2 size={18} aria-label="waiting" />
          {label}
        </li>
      ))}
    </ul>
  )
}

function Result({ report }: { report: Report }) {
  return (
    <div role="status">
      <Text fw={600} mb="xs">
        {report.title}
      </Text>
      <ul className="rr-check-list">
        {report.rows.map((row) => (
          <ResultRow key={row.row} row={row} />
        ))}
      </ul>
    </div>
  )
}

/** The remedy is always on this page, so it is a link to its place. */
const remedies: Readonly<Record<string, { readonly label: string; readonly href: string }>> = {
  create_endpoint: { label: 'Create it for me', href: '#webhook' },
  repair_endpoint: { label: 'Add missing events', href: '#webhook' },
  open_stripe: { label: 'Open Stripe', href: 'https://dashboard.stripe.com' },
}

function ResultRow({ row }: { row: Row }) {
  const { icon: Symbol, word, tone } = looks[row.state]
  const label = labels.find(([name]) => name === row.row)?.[1] ?? row.row
  const remedy = row.remedy === undefined ? undefined : remedies[row.remedy]
  const isElsewhere = remedy?.href.startsWith('https:') === true
  return (
    <li>
      <Symbol size={18} aria-label={word} className={`rr-tone-${tone}`} />
      <div className="rr-grow">
        <strong>{label}</strong>
        <Text>
          {row.text}{' '}
          {remedy !== undefined && (
            <a href={remedy.href} {...(isElsewhere ? { target: '_blank', rel: 'noopener noreferrer' } : {})}>
              {remedy.label}
            </a>
          )}
        </Text>
      </div>
      {row.durationMs !== undefined && <span className="rr-muted rr-figure">{row.durationMs} ms</span>}
    </li>
  )
}
