/**
 * What a refund can be paid from, told before it is pressed (UI-172), and the choice while the balance does not suffice (STR-109). What
 * surprises: a balance that cannot be told stops nobody; the refund then waits by itself if it has to.
 */
import type { Api } from '#web/api'
import { LocalDateText, MoneyText, useApiQuery, type AnswerOf } from '#web/ui'
import { Radio, Stack, Text } from '@mantine/core'
import type { Invoice, Payment } from './wire.ts'

type Funds = AnswerOf<Api, '/api/v1/w/:slug/invoices/:invoiceId/payments/:paymentId/refund-funds'>
export type WhenShort = 'wait' | 'send'

/** Undefined until Stripe has answered. */
export function useRefundFunds(invoice: Invoice, payment: Payment): Funds | undefined {
  return useApiQuery<Funds>(`/invoices/${invoice.id}/payments/${payment.id}/refund-funds`).data
}

/** How much is missing for an amount in minor units; undefined while it suffices, or nobody knows. */
export function missingFor(funds: Funds | undefined, amountMinor: bigint | undefined): bigint | undefined {
  if (funds?.available === undefined || amountMinor === undefined) return undefined
  const missing = amountMinor - BigInt(funds.available.amountMinor)
  return missing > 0n ? missing : undefined
}

type NoteProps = {
  readonly funds: Funds | undefined
  /** As typed; undefined while it is no amount. */
  readonly amountMinor: bigint | undefined
}

type PartProps = NoteProps & {
  readonly whenShort: WhenShort
  readonly onChoose: (whenShort: WhenShort) => void
}

export function FundsPart({ funds, amountMinor, whenShort, onChoose }: PartProps) {
  return (
    <>
      <FundsNote funds={funds} amountMinor={amountMinor} />
      {missingFor(funds, amountMinor) !== undefined && <WhenShortChoice value={whenShort} onChange={onChoose} />}
    </>
  )
}

function FundsNote({ funds, amountMinor }: NoteProps) {
  if (funds?.available === undefined) return null
  const missing = missingFor(funds, amountMinor)
  const { currency } = funds.available
  if (missing === undefined || amountMinor === undefined)
    return (
      <Text size="sm" role="status">
        Available at Stripe now: <MoneyText money={funds.available} />.
      </Text>
    )
  const arrival = funds.arrivals.find(({ available }) => BigInt(available.amountMinor) >= amountMinor)
  return (
    <Text size="sm" role="status">
      Available <MoneyText money={funds.available} /> of{' '}
      <MoneyText money={{ amountMinor: amountMinor.toString(), currency }} />;{' '}
      <MoneyText money={{ amountMinor: missing.toString(), currency }} /> is missing.{' '}
      {arrival === undefined ? (
        'Not enough is on its way to the balance. Add funds in Stripe; the refund is sent when the balance suffices.'
      ) : (
        <>
          Stripe sends the refund when funds settle, expected <LocalDateText date={arrival.on} />. You do not need to
          retry.
        </>
      )}
    </Text>
  )
}

type ChoiceProps = { readonly value: WhenShort; readonly onChange: (value: WhenShort) => void }

function WhenShortChoice({ value, onChange }: ChoiceProps) {
  return (
    <Radio.Group
      label="Refund larger than available balance"
      value={value}
      onChange={(chosen) => onChange(chosen === 'send' ? 'send' : 'wait')}
    >
      <Stack gap="xs" mt={4}>
        <Radio
          value="wait"
          label="Send automatically when funds arrive"
          description="It waits here and can still be cancelled."
        />
        <Radio
          value="send"
          label="Send to Stripe now"
          description="Stripe holds it until funds settle, or refuses it; then it waits here."
        />
      </Stack>
    </Radio.Group>
  )
}
