/** What it will cost, beside every step; a bar at the bottom of a phone (UI-190). */
import { Dialog, LocalDateText, MoneyText, problemOf, ProblemAlert, Section, useIsNarrow } from '#web/ui'
import { Anchor, Text } from '@mantine/core'
import { useState } from 'react'
import type { StepProps } from './step.tsx'
import type { Preview } from './wire.ts'

export function Summary(props: StepProps) {
  const isNarrow = useIsNarrow()
  const [isOpen, setOpen] = useState(false)
  if (!isNarrow) {
    return (
      <aside aria-label="Price">
        <Section title="Price">
          <PriceText {...props} />
        </Section>
      </aside>
    )
  }
  const total = props.preview.data?.invoice.total
  if (total === undefined) return null
  return (
    <aside className="rr-bottom-bar" aria-label="Price">
      <span>
        Due now <MoneyText money={total} />.
      </span>
      <Anchor component="button" type="button" onClick={() => setOpen(true)}>
        Details
      </Anchor>
      <Dialog isOpen={isOpen} onClose={() => setOpen(false)} title="Price">
        <PriceText {...props} />
      </Dialog>
    </aside>
  )
}

function PriceText({ preview }: StepProps) {
  if (preview.data === undefined) {
    if (preview.isError) return <ProblemAlert problem={problemOf(preview.error)} />
    return <Text c="dimmed">The price stands here once a space is chosen.</Text>
  }
  return <PriceLines invoice={preview.data.invoice} />
}

export function PriceLines({ invoice }: { invoice: Preview['invoice'] }) {
  return (
    <>
      <dl className="rr-price">
        {invoice.lines.map((line) => (
          <div key={`${line.kind} ${line.description}`}>
            <dt>
              {line.description}
              {line.formula !== undefined && <span className="rr-block rr-muted rr-small">{line.formula}</span>}
              {line.kind === 'deposit' && <span className="rr-block rr-muted rr-small">not taxed</span>}
            </dt>
            <dd>
              <MoneyText money={line.net} />
            </dd>
          </div>
        ))}
        <div>
          <dt>Tax</dt>
          <dd>
            <MoneyText money={invoice.tax} />
          </dd>
        </div>
        <div className="rr-price-total">
          <dt>Due now</dt>
          <dd>
            <MoneyText money={invoice.total} />
          </dd>
        </div>
      </dl>
      <Text size="sm" c="dimmed" mt="xs">
        Issued <LocalDateText date={invoice.issueOn} />, due <LocalDateText date={invoice.dueOn} />
        {invoice.chargeOn !== undefined && (
          <>
            , charged <LocalDateText date={invoice.chargeOn} />
          </>
        )}
      </Text>
    </>
  )
}
