/** The invoice as the renter sees it. */
import { useConsolePath } from '#web/here'
import { Fact, LocalDateText, MoneyText, Section, useIsNarrow, type WireMoney } from '#web/ui'
import { Anchor, Table, Text } from '@mantine/core'
import type { Invoice, Line, Party } from './wire.ts'

export function InvoiceDocument({ invoice }: { invoice: Invoice }) {
  const isNarrow = useIsNarrow()
  return (
    <Section title="Invoice">
      <dl className="rr-facts">
        <Fact label="From">
          <PartyText party={invoice.seller} />
        </Fact>
        <Fact label="To">
          <PartyText party={invoice.buyer} />
        </Fact>
        <Fact label="Issued">
          <LocalDateText date={invoice.issueOn} />
        </Fact>
        <Fact label="Due">
          <LocalDateText date={invoice.dueOn} />
        </Fact>
        <About invoice={invoice} />
      </dl>
      {isNarrow ? <NarrowLines lines={invoice.lines} /> : <WideLines lines={invoice.lines} />}
      <Totals invoice={invoice} />
    </Section>
  )
}

function About({ invoice }: { invoice: Invoice }) {
  const path = useConsolePath()
  return (
    <>
      <Fact label="Renter">
        <Anchor href={path('renter', { renterId: invoice.renter.id })}>
          {invoice.renter.businessName || invoice.renter.name}
        </Anchor>
      </Fact>
      {invoice.lease !== undefined && invoice.space !== undefined && (
        <Fact label="Space">
          <Anchor href={path('lease', { leaseId: invoice.lease.id })}>{invoice.space.number}</Anchor>
        </Fact>
      )}
    </>
  )
}

function PartyText({ party }: { party: Party }) {
  const lines = [party.businessName, party.name, party.address, party.taxNumber, party.email].filter(Boolean)
  return [...new Set(lines)].map((line) => (
    <span key={line} className="rr-block rr-prewrap">
      {line}
    </span>
  ))
}

function TaxText({ line }: { line: Line }) {
  return line.tax.amountMinor === '0' ? (
    <span className="rr-muted">{line.taxName || 'No tax'}</span>
  ) : (
    <>{`${line.taxName} ${line.taxPercent} %`}</>
  )
}

function Period({ line: { serviceStart, serviceEnd } }: { line: Line }) {
  if (serviceStart === undefined || serviceEnd === undefined) return null
  return (
    <Text size="xs" c="dimmed">
      <LocalDateText date={serviceStart} /> to <LocalDateText date={serviceEnd} />
    </Text>
  )
}

function WideLines({ lines }: { lines: readonly Line[] }) {
  return (
    <div className="rr-table-frame">
      <Table aria-label="Lines" tabularNums mt="lg">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Description</Table.Th>
            <Table.Th scope="col">Tax</Table.Th>
            <Table.Th scope="col" ta="right">
              Net
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Amount
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={`${line.kind} ${line.description}`}>
              <Table.Td>
                {line.description}
                <Period line={line} />
              </Table.Td>
              <Table.Td>
                <TaxText line={line} />
              </Table.Td>
              <Table.Td ta="right">
                <MoneyText money={line.net} />
              </Table.Td>
              <Table.Td ta="right">
                <MoneyText money={line.total} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function NarrowLines({ lines }: { lines: readonly Line[] }) {
  return (
    <ul className="rr-cards" aria-label="Lines">
      {lines.map((line) => (
        <li key={`${line.kind} ${line.description}`} className="rr-card rr-spread">
          <div>
            {line.description}
            <Period line={line} />
            <Text size="xs">
              <TaxText line={line} />
            </Text>
          </div>
          <MoneyText money={line.total} />
        </li>
      ))}
    </ul>
  )
}

/** Tax by rate, so that the buyer can check it. */
function taxesByRate(lines: readonly Line[]): readonly { readonly label: string; readonly money: WireMoney }[] {
  const taxed = lines.filter(({ tax }) => tax.amountMinor !== '0')
  const labels = [...new Set(taxed.map((line) => `${line.taxName} ${line.taxPercent} %`))]
  return labels.map((label) => {
    const same = taxed.filter((line) => `${line.taxName} ${line.taxPercent} %` === label)
    const amountMinor = same.reduce((sum, { tax }) => sum + BigInt(tax.amountMinor), 0n).toString()
    return { label, money: { amountMinor, currency: same[0]?.tax.currency ?? '' } }
  })
}

function Totals({ invoice }: { invoice: Invoice }) {
  const taxes = taxesByRate(invoice.lines)
  const rows = [
    { label: 'Subtotal', money: invoice.subtotal },
    ...(taxes.length === 0 ? [{ label: 'Tax', money: invoice.tax }] : taxes),
    { label: 'Total', money: invoice.total, isStrong: true },
    ...(invoice.credited.amountMinor === '0' ? [] : [{ label: 'Credited', money: invoice.credited }]),
    { label: 'Paid', money: invoice.paid },
    { label: 'Balance', money: invoice.balance, isStrong: true },
  ]
  return (
    <dl className="rr-totals">
      {rows.map(({ label, money, ...row }) => (
        <div key={label} data-strong={'isStrong' in row}>
          <dt>{label}</dt>
          <dd>
            <MoneyText money={money} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
