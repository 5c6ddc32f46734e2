/** The last look: first invoice line by line, the next three, then one button that says what it does (UI-192). */
import { useConsolePath, useGo } from '#web/here'
import {
  Banner,
  DataTable,
  DeedButton,
  Loaded,
  LocalDateText,
  MoneyText,
  ProblemAlert,
  Section,
  useDeed,
  useMoneyText,
  type Column,
} from '#web/ui'
import { Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { dropDraft, wishOf } from './draft.ts'
import type { StepProps } from './step.tsx'
import { PriceLines } from './summary.tsx'
import { paymentBanner, type CheckedOut, type Planned, type Preview } from './wire.ts'

export function ReviewStep(props: StepProps) {
  return <Loaded query={props.preview}>{(preview) => <Review {...props} shown={preview} />}</Loaded>
}

/** The last deed; when the facts changed meanwhile it is refused and the new preview takes the place of the old one (UI-41). */
function useCheckOut({ draftId, draft, preview }: StepProps, previewHash: string) {
  const path = useConsolePath()
  const go = useGo()
  const [hasChanged, setChanged] = useState(false)
  const acceptance = { name: draft.acceptedName.trim() }
  const deed = useDeed<void, CheckedOut>({
    send: (api) => api.send('/check-out', { requestKey: draftId, ...wishOf(draft), acceptance, previewHash }),
    isLast: true,
    onDone: ({ invoiceId }) => {
      dropDraft(draftId)
      go(path('invoice', { invoiceId }))
    },
    onRefused: ({ problem }) => {
      setChanged(problem.code === 'preview_changed')
      void preview.refetch()
    },
  })
  return { deed, hasChanged }
}

function Review({ shown, ...props }: StepProps & { shown: Preview }) {
  const { draft, space, isCurrent } = props
  const { deed, hasChanged } = useCheckOut(props, shown.previewHash)
  const missing = reasonAgainst(shown, draft.acceptedName, isCurrent)
  return (
    <Stack>
      {hasChanged && (
        <Banner title="Changed since you looked">The figures below are the new ones. Look again, then confirm.</Banner>
      )}
      <Section title="First invoice" level={3}>
        <PriceLines invoice={shown.invoice} />
      </Section>
      <Section title="The next invoices" level={3}>
        <DataTable
          label="The next invoices"
          rows={shown.next}
          columns={columns}
          rowKey={({ periodStart }) => periodStart}
        />
      </Section>
      {shown.notes.map((note) => (
        <Text key={note} size="sm" c="dimmed">
          {note}
        </Text>
      ))}
      {deed.problem !== undefined && !hasChanged && <ProblemAlert problem={deed.problem} />}
      <div>
        <DeedButton
          can={missing === undefined ? { allowed: true } : { allowed: false, reason: missing }}
          isRunning={deed.isRunning}
          runningLabel="Checking out…"
          onClick={() => void deed.run()}
        >
          <ConfirmLabel number={space?.number ?? ''} invoice={shown.invoice} />
        </DeedButton>
      </div>
    </Stack>
  )
}

function reasonAgainst(preview: Preview, acceptedName: string, isCurrent: boolean): string | undefined {
  const payment = paymentBanner(preview)
  if (payment !== undefined) return payment.text
  if (preview.agreement === undefined) return 'No agreement is published.'
  if (acceptedName.trim() === '') return 'The renter has not accepted the agreement yet.'
  return isCurrent ? undefined : 'The price is being worked out.'
}

/** Says "charge" only when the card is charged today by itself. */
function ConfirmLabel({ number, invoice }: { number: string; invoice: Preview['invoice'] }) {
  const format = useMoneyText()
  const isCharged = invoice.chargeOn !== undefined && invoice.chargeOn <= invoice.issueOn
  return isCharged
    ? `Check out ${number} and charge ${format(invoice.total)}`
    : `Check out ${number} and invoice ${format(invoice.total)}`
}

const columns: readonly Column<Planned>[] = [
  {
    key: 'period',
    head: 'Period',
    cell: (one) => (
      <>
        <LocalDateText date={one.periodStart} /> to <LocalDateText date={one.periodEnd} />
      </>
    ),
  },
  { key: 'issue', head: 'Issued', cell: (one) => <LocalDateText date={one.issueOn} /> },
  { key: 'due', head: 'Due', cell: (one) => <LocalDateText date={one.dueOn} /> },
  {
    key: 'charge',
    head: 'Charged',
    cell: (one) => (one.chargeOn === undefined ? '–' : <LocalDateText date={one.chargeOn} />),
  },
  { key: 'total', head: 'Total', align: 'right', card: 'amount', cell: (one) => <MoneyText money={one.total} /> },
]
