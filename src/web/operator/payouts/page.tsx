/** Settings → Payout schedule: when Stripe pays out, how long money is held, and to which banks (UI-147, UI-148). Stripe's word, asked now. */
import {
  Banner,
  DataTable,
  Fact,
  InstantText,
  Loaded,
  LocalDateText,
  MoneyList,
  Page,
  plural,
  Section,
  StatusBadge,
  useApiQuery,
  type Column,
  type Tone,
} from '#web/ui'
import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ScheduleForm } from './schedule-form.tsx'
import type { Bank, Payouts } from './wire.ts'

export { PayoutListPage } from './list.tsx'
export { PayoutPage } from './payout.tsx'

export function PayoutsPage() {
  const query = useApiQuery<Payouts>('/payouts/settings')
  return (
    <Page
      title="Payout schedule"
      intro="When Stripe sends money to your bank. This is what Stripe reports; nothing is kept here."
    >
      <Loaded query={query}>{(payouts) => <Settings payouts={payouts} onCheck={() => void query.refetch()} />}</Loaded>
    </Page>
  )
}

function Settings({ payouts, onCheck }: { payouts: Payouts; onCheck: () => void }) {
  const { accountName, accountId, kind, status, stripeUrl, askedAt } = payouts
  return (
    <Stack gap="xl">
      {status === 'disabled' && (
        <Banner tone="red" title="Stripe does not pay out">
          Payouts are switched off for this account. Money stays at Stripe until Stripe has what it asks for.
        </Banner>
      )}
      <Section
        title="Schedule"
        actions={
          <Button variant="default" onClick={onCheck}>
            Check again
          </Button>
        }
      >
        <Text c="dimmed">
          {accountName || accountId}, {kind === 'connect' ? 'Stripe Connect' : 'own keys'}, as of{' '}
          <InstantText at={askedAt} />.
        </Text>
        <Schedule key={payouts.words} payouts={payouts} />
        <Text mt="md">
          Stripe may let only the account owner change this.{' '}
          <Anchor href={stripeUrl} target="_blank" rel="noopener noreferrer">
            Set it in Stripe
          </Anchor>
        </Text>
      </Section>
      <Section title="Hold">
        <Text>{holdText(payouts)}</Text>
        {payouts.minimumBalances.length > 0 && (
          <dl className="rr-facts">
            <Fact label="Kept back at Stripe">
              <MoneyList amounts={payouts.minimumBalances} none="Nothing" />
            </Fact>
          </dl>
        )}
      </Section>
      <Banks payouts={payouts} />
    </Stack>
  )
}

function Schedule({ payouts }: { payouts: Payouts }) {
  const [isChanging, setChanging] = useState(false)
  const [taken, setTaken] = useState<Payouts['schedule']>()
  const { suggestion, words, nextOn } = payouts
  if (isChanging) {
    const close = () => {
      setTaken(undefined)
      setChanging(false)
    }
    return <ScheduleForm payouts={payouts} start={taken ?? payouts.schedule} onClose={close} />
  }
  const open = (start?: Payouts['schedule']) => {
    setTaken(start)
    setChanging(true)
  }
  return (
    <Stack gap="sm">
      <dl className="rr-facts">
        <Fact label="Payouts">{words}</Fact>
        <Fact label="Next payout">
          {nextOn === undefined ? 'Only when you make one' : <LocalDateText date={nextOn} />}
        </Fact>
      </dl>
      {suggestion && (
        <Banner
          tone="blue"
          title={`Suggested: ${suggestion.words}`}
          actions={
            <Button variant="default" onClick={() => open(suggestion.schedule)}>
              Use this
            </Button>
          }
        >
          {suggestion.reason}
        </Banner>
      )}
      <Group>
        <Button onClick={() => open()}>Change schedule</Button>
      </Group>
    </Stack>
  )
}

function holdText({ measuredHold, delayDays }: Payouts): string {
  const days = (count: number) => plural(count, 'day')
  if (measuredHold)
    return `Card payments become available about ${days(measuredHold.days)} after payment (measured on your last ${plural(measuredHold.count, 'payment')}). Stripe's setting is ${days(delayDays)}.`
  return `Card payments become available about ${days(delayDays)} after payment, as Stripe has it set. Nothing has been measured yet.`
}

const bankStates: Readonly<Record<string, { readonly tone: Tone; readonly label: string }>> = {
  new: { tone: 'grey', label: 'New' },
  validated: { tone: 'blue', label: 'Exists' },
  verified: { tone: 'green', label: 'Verified' },
  verification_failed: { tone: 'red', label: 'Could not be verified' },
  tokenized_account_number_deactivated: { tone: 'red', label: 'Closed by the bank' },
  errored: { tone: 'red', label: 'A payout failed' },
}

const columns: readonly Column<Bank>[] = [
  { key: 'currency', head: 'Currency', cell: ({ currency }) => <strong>{currency}</strong> },
  { key: 'bank', head: 'Bank', cell: ({ bankName, last4 }) => `${bankName || 'Bank account'} ••${last4}` },
  { key: 'country', head: 'Country', card: 'wide', cell: ({ country }) => country },
  { key: 'default', head: 'Default', cell: ({ isDefault }) => (isDefault ? 'Default' : '') },
  {
    key: 'state',
    head: 'State',
    card: 'badge',
    cell: ({ status }) => {
      const { tone, label } = bankStates[status] ?? { tone: 'grey' as const, label: status || 'Unknown' }
      return <StatusBadge tone={tone}>{label}</StatusBadge>
    },
  },
]

function Banks({ payouts }: { payouts: Payouts }) {
  const { banks, withoutBank, stripeUrl } = payouts
  const link = (label: string) => (
    <Anchor href={stripeUrl} target="_blank" rel="noopener noreferrer">
      {label}
    </Anchor>
  )
  return (
    <Section title="Banks">
      {withoutBank.map((currency) => (
        <Banner key={currency} tone="yellow" title={`No bank for ${currency}`} actions={link('Add at Stripe')}>
          Payments in {currency} have no {currency} bank account. Stripe converts them to another currency and may
          charge for it.
        </Banner>
      ))}
      {banks === undefined && (
        <Text>Stripe does not show this account's banks to your key. {link('See them in Stripe')}</Text>
      )}
      {banks?.length === 0 && <Text>No bank account yet, so nothing can be paid out. {link('Add at Stripe')}</Text>}
      {banks && banks.length > 0 && (
        <>
          <DataTable label="Banks" rows={banks} columns={columns} rowKey={({ id }) => id} />
          <Text mt="sm">Bank numbers never pass through Rentroll. {link('Change them at Stripe')}</Text>
        </>
      )}
    </Section>
  )
}
