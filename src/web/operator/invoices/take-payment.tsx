/**
 * Charging the saved card now (UI-170). The dialog stays open and shows what becomes of the payment; closing it loses nothing,
 * because the payment is the invoice's and not the dialog's.
 */
import { DeedButton, Dialog, MoneyText, ProblemAlert, StatusBadge, useDeed, useMoneyText, useRequestKey } from '#web/ui'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { paymentTone, type Invoice, type Payment } from './wire.ts'

type Props = { readonly invoice: Invoice; readonly isOpen: boolean; readonly onClose: () => void }

export function TakePayment({ invoice, isOpen, onClose }: Props) {
  const format = useMoneyText()
  const { key, renew } = useRequestKey()
  const [known, setKnown] = useState<readonly string[]>()
  const deed = useDeed({
    send: (api) => api.send(`/invoices/${invoice.id}/take-payment`, { requestKey: key }),
    onDone: renew,
  })
  const payment = known === undefined ? undefined : invoice.payments.find(({ id }) => !known.includes(id))
  const close = () => {
    setKnown(undefined)
    deed.forget()
    onClose()
  }
  const charge = () => {
    setKnown(invoice.payments.map(({ id }) => id))
    void deed.run()
  }
  return (
    <Dialog isOpen={isOpen} onClose={close} title={`Take payment of ${invoice.number}`}>
      <Stack>
        {payment === undefined ? (
          <Text>
            <MoneyText money={invoice.balance} /> is charged to {invoice.collection.method?.label ?? 'the card on file'}{' '}
            of {invoice.renter.name} now.
          </Text>
        ) : (
          <Progress payment={payment} />
        )}
        {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {payment === undefined ? 'Cancel' : 'Close'}
          </Button>
          {payment === undefined && (
            <DeedButton
              can={invoice.can.takePayment}
              isRunning={deed.isRunning}
              runningLabel="Sending…"
              onClick={charge}
            >
              {`Charge ${format(invoice.balance)}`}
            </DeedButton>
          )}
        </Group>
      </Stack>
    </Dialog>
  )
}

const advice: Readonly<Record<string, string>> = {
  requires_action: 'Close this dialog and send the renter the link shown on the invoice.',
  unknown: 'We lost the connection after asking Stripe. Do not charge again. We are finding out.',
  failed: 'Ask for another card, or try again later.',
  processing: 'The bank takes its time. The invoice turns Paid by itself.',
}

function Progress({ payment }: { payment: Payment }) {
  return (
    <div role="status">
      <Group gap="sm">
        <StatusBadge tone={paymentTone(payment.state)}>{payment.stateLabel}</StatusBadge>
        <MoneyText money={payment.amount} />
      </Group>
      {payment.reason !== undefined && <Text mt="xs">{payment.reason}</Text>}
      {advice[payment.state] !== undefined && <Text mt="xs">{advice[payment.state]}</Text>}
    </div>
  )
}
