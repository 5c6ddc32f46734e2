/** One invoice: the document left, the money right, the story below, all of it live (UI-165 to UI-167). */
import { useConsolePath, usePathPart } from '#web/here'
import { CardReturn, Columns, Loaded, NotFound, Page, StatusBadge, useAnnounceChange, useApiQuery } from '#web/ui'
import { Text } from '@mantine/core'
import { InvoiceDocument } from './document.tsx'
import { MoneyPanel } from './money-panel.tsx'
import { Story } from './story.tsx'
import { besideLabel, type Invoice } from './wire.ts'

export { InvoicesPage } from './invoice-list.tsx'
export { RefundsPage } from './refund-list.tsx'

/** While a payment is on its way the page also asks by itself, should the stream be late. */
function isMoneyMoving(invoice: Invoice): boolean {
  const stillMoving = ['created', 'processing', 'authorized', 'unknown', 'requires_action']
  const refunding = ['requested', 'submitting', 'pending', 'unknown']
  return (
    invoice.payments.some(({ state }) => stillMoving.includes(state)) ||
    invoice.refunds.some(({ state }) => refunding.includes(state))
  )
}

export function InvoicePage() {
  const path = useConsolePath()
  const invoiceId = usePathPart('invoiceId')
  const query = useApiQuery<Invoice>(`/invoices/${invoiceId}`, { repeatWhile: isMoneyMoving })
  const missing = <NotFound noun="invoice" href={path('invoices', {})} listLabel="All invoices" />
  return (
    <Loaded query={query} title="Invoice" missing={missing}>
      {(invoice) => <InvoiceScreen invoice={invoice} />}
    </Loaded>
  )
}

function InvoiceScreen({ invoice }: { invoice: Invoice }) {
  const path = useConsolePath()
  useAnnounceChange(invoice.label.text, 'Paid', `${invoice.number} is paid.`)
  useAnnounceChange(invoice.label.text, 'Payment Failed', `The payment of ${invoice.number} failed.`)
  return (
    <Page
      title={invoice.number}
      back={{ href: path('invoices', {}), label: 'Invoices' }}
      badge={
        <>
          <StatusBadge tone={invoice.label.tone}>{invoice.label.text}</StatusBadge>
          {invoice.isTest && <StatusBadge tone="grey">Test</StatusBadge>}
          <Text c="dimmed" component="span">
            {besideLabel(invoice)}
          </Text>
        </>
      }
    >
      <CardReturn />
      <Columns
        main={
          <>
            <InvoiceDocument invoice={invoice} />
            <Story entries={invoice.timeline} />
          </>
        }
        side={<MoneyPanel invoice={invoice} />}
      />
    </Page>
  )
}
