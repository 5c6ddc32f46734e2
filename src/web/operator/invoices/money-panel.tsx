/** The right side of an invoice: what is owed, when, by which way, and what can be done now (UI-165, UI-166). */
import { usePathPart } from '#web/here'
import {
  Banner,
  CopyButton,
  DeedButton,
  Fact,
  LocalDateText,
  MoneyText,
  ProblemAlert,
  useDeed,
  useHostedPage,
  useRequestKey,
} from '#web/ui'
import { Group, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { PaymentList } from './payment-list.tsx'
import { RecordPayment } from './record-payment.tsx'
import { RefundDialog } from './refund.tsx'
import { TakePayment } from './take-payment.tsx'
import { VoidDialog } from './void.tsx'
import type { Invoice } from './wire.ts'

export function MoneyPanel({ invoice }: { invoice: Invoice }) {
  return (
    <Stack gap="md">
      <div>
        <Title order={2} size="sm" c="dimmed" fw={400}>
          Balance
        </Title>
        <span className="rr-headline">
          <MoneyText money={invoice.balance} />
        </span>
      </div>
      <dl className="rr-facts rr-facts-narrow">
        <Fact label="Due">
          <LocalDateText date={invoice.dueOn} />
        </Fact>
        {invoice.chargeOn !== undefined && (
          <Fact label="Charge on">
            <LocalDateText date={invoice.chargeOn} />
          </Fact>
        )}
        <Fact label="Collection">{invoice.collection.text}</Fact>
      </dl>
      {invoice.can.authenticate.allowed && <RenterMustAct invoice={invoice} />}
      <Actions invoice={invoice} />
      <PaymentList invoice={invoice} />
    </Stack>
  )
}

type Open = 'take' | 'record' | 'refund' | 'void' | undefined

function Actions({ invoice }: { invoice: Invoice }) {
  const [open, setOpen] = useState<Open>()
  const check = useDeed({ send: (api) => api.send(`/invoices/${invoice.id}/check-again`) })
  const { can } = invoice
  const close = () => setOpen(undefined)
  const byHand = can.recordPayment.allowed ? 'record' : undefined
  const primary = can.takePayment.allowed ? 'take' : byHand
  const look = (name: Open) => (name === primary ? {} : ({ variant: 'default' } as const))
  return (
    <Stack gap="xs">
      <DeedButton {...look('take')} can={can.takePayment} onClick={() => setOpen('take')}>
        Take payment
      </DeedButton>
      <DeedButton {...look('record')} can={can.recordPayment} onClick={() => setOpen('record')}>
        Record payment
      </DeedButton>
      {wantsCard(invoice) && <AddCard invoice={invoice} />}
      <DeedButton variant="default" can={can.refund} onClick={() => setOpen('refund')}>
        Process refund
      </DeedButton>
      <DeedButton
        variant="default"
        can={can.checkAgain}
        isRunning={check.isRunning}
        runningLabel="Asking Stripe…"
        onClick={() => void check.run()}
      >
        Check again
      </DeedButton>
      <DeedButton variant="default" can={can.void} onClick={() => setOpen('void')}>
        Void
      </DeedButton>
      {check.problem !== undefined && <ProblemAlert problem={check.problem} />}
      {!can.takePayment.allowed && (
        <Text size="xs" c="dimmed">
          Take payment: {can.takePayment.reason}
        </Text>
      )}
      <TakePayment invoice={invoice} isOpen={open === 'take'} onClose={close} />
      <RecordPayment invoice={invoice} isOpen={open === 'record'} onClose={close} />
      <RefundDialog invoice={invoice} isOpen={open === 'refund'} onClose={close} />
      <VoidDialog invoice={invoice} isOpen={open === 'void'} onClose={close} />
    </Stack>
  )
}

/** A card is missing, or the one on file was declined: then another one is the cure. */
function wantsCard({ can, status, collection, facts }: Invoice): boolean {
  return can.addCard.allowed && status === 'open' && (collection.method === undefined || facts.includes('failed'))
}

function AddCard({ invoice }: { invoice: Invoice }) {
  const { key } = useRequestKey()
  const deed = useHostedPage<{ requestKey: string; returnTo: string }>(`/renters/${invoice.renter.id}/setup`)
  const mode = new URLSearchParams(window.location.search).get('mode') ?? 'test'
  const returnTo = `${window.location.pathname}?mode=${mode}`
  return (
    <>
      <DeedButton
        variant="default"
        isRunning={deed.isRunning}
        runningLabel="Opening…"
        onClick={() => void deed.run({ requestKey: key, returnTo })}
      >
        {invoice.collection.method === undefined ? 'Add card' : 'Add another card'}
      </DeedButton>
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
    </>
  )
}

/** 3-D Secure: the bank wants the renter. The link can be opened here or sent to them. */
function RenterMustAct({ invoice }: { invoice: Invoice }) {
  const [link, setLink] = useState<string>()
  const here = usePathPart('invoiceId')
  const open = useHostedPage<object>(`/invoices/${here}/authenticate`)
  const mint = useDeed<void, { url: string }>({
    send: (api) => api.send(`/invoices/${here}/pay-link`),
    onDone: ({ url }) => setLink(url),
  })
  const cancel = useDeed({ send: (api) => api.send(`/invoices/${here}/cancel-payment`) })
  const problem = open.problem ?? mint.problem ?? cancel.problem
  return (
    <Stack gap="xs">
      <Banner title="The renter must act">
        Their bank asks {invoice.renter.name} to confirm this payment. Nothing is charged until they do.
      </Banner>
      {link === undefined ? (
        <DeedButton isRunning={mint.isRunning} runningLabel="Making the link…" onClick={() => void mint.run()}>
          Get the link for the renter
        </DeedButton>
      ) : (
        <Group gap="xs" wrap="nowrap">
          <a href={link} className="rr-mono">
            {link}
          </a>
          <CopyButton value={link} what="the link" />
        </Group>
      )}
      <DeedButton
        variant="default"
        isRunning={open.isRunning}
        runningLabel="Opening…"
        onClick={() => void open.run({})}
      >
        Open the bank’s page here
      </DeedButton>
      <DeedButton
        variant="default"
        can={invoice.can.cancelPayment}
        isRunning={cancel.isRunning}
        onClick={() => void cancel.run()}
      >
        Cancel this payment
      </DeedButton>
      {problem !== undefined && <ProblemAlert problem={problem} />}
    </Stack>
  )
}
