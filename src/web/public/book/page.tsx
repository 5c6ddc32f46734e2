/**
 * An operator's public page (UI-200): what is free, what it costs and how to get it. Paid bookings open and close by what Stripe says of
 * the operator's account, so an open page asks again by itself. Booking on this page does not exist yet; what can be done is said instead.
 */
import type { Api } from '#web/api'
import {
  Banner,
  ConventionsProvider,
  Loaded,
  MoneyText,
  Page,
  PlainFrame,
  Section,
  problemOf,
  useAnnounceChange,
  useApiQuery,
  type AnswerOf,
  type Problem,
} from '#web/ui'
import { Anchor, Button, Stack, Text } from '@mantine/core'

type BookingPage = AnswerOf<Api, '/api/v1/book/:slug'>
type Category = BookingPage['categories'][number]

/** Six times a minute of the sixty that one address may ask (TRU-112). */
const askAgainMs = 10_000

export default function BookPage({ slug }: { slug: string }) {
  const query = useApiQuery<BookingPage>(`/book/${encodeURIComponent(slug)}`, { repeatsEveryMs: askAgainMs })
  const problem = query.isError ? problemOf(query.error) : undefined
  return (
    <PlainFrame brand={query.data?.operator ?? 'Rentroll'}>
      {problem?.status === 429 ? (
        <TooMany problem={problem} page={query.data} onRetry={() => void query.refetch()} />
      ) : (
        <Loaded query={query} missing={<NoSuchOperator />}>
          {(page) => <BookScreen page={page} />}
        </Loaded>
      )}
    </PlainFrame>
  )
}

type TooManyProps = {
  readonly problem: Problem
  readonly page: BookingPage | undefined
  readonly onRetry: () => void
}

/** Whoever has the page open goes on reading it; it is only as old as the last answer. */
function TooMany({ problem, page, onRetry }: TooManyProps) {
  if (page) return <BookScreen page={page} />
  return (
    <Page title={problem.title}>
      <Stack align="flex-start">
        <Text>{problem.detail}</Text>
        <Text>{problem.nextStep}</Text>
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      </Stack>
    </Page>
  )
}

/** The same words whether nobody ever had this address or has it no more. */
function NoSuchOperator() {
  return (
    <Page title="Not found">
      <p>There is no booking page at this address. Check how it is spelt, or ask whoever gave it to you.</p>
    </Page>
  )
}

function BookScreen({ page }: { page: BookingPage }) {
  const { operator, acceptsPaidBookings, categories } = page
  useAnnounceChange(String(acceptsPaidBookings), 'true', 'Paid bookings are open.')
  useAnnounceChange(String(acceptsPaidBookings), 'false', 'Paid bookings are closed for now.')
  return (
    <ConventionsProvider locale={page.locale} timeZone={undefined} currency="">
      <Page title={`Book a space at ${operator}`} intro={page.location}>
        <Stack>
          {page.isTest && <Text c="dimmed">Test mode. No real money moves.</Text>}
          {acceptsPaidBookings ? <Open page={page} /> : <Closed page={page} />}
        </Stack>
        {categories.length === 0 ? (
          <Section title="Spaces">
            <Text>Nothing is free today.</Text>
          </Section>
        ) : (
          categories.map((category) => <CategorySection key={category.spaces[0]?.number} category={category} />)
        )}
      </Page>
    </ConventionsProvider>
  )
}

function Open({ page }: { page: BookingPage }) {
  const { operator, phone, email } = page
  return (
    <Banner tone="green" title="Paid bookings are open">
      {phone === undefined && email === undefined ? (
        `To book a space, ask ${operator}.`
      ) : (
        <>
          To book a space, <Ways phone={phone} email={email} />.
        </>
      )}{' '}
      Cards are taken on Stripe’s own page.
    </Banner>
  )
}

function Closed({ page: { phone, email } }: { page: BookingPage }) {
  return (
    <Stack align="flex-start" gap="xs">
      <Button disabled>{closedLabel(phone, email)}</Button>
      {(phone !== undefined || email !== undefined) && (
        <Text>
          Until then <Ways phone={phone} email={email} />.
        </Text>
      )}
    </Stack>
  )
}

function closedLabel(phone: string | undefined, email: string | undefined): string {
  const soon = 'Online booking opens soon.'
  if (phone !== undefined) return `${soon} Call ${phone}.`
  return email === undefined ? soon : `${soon} Write to ${email}.`
}

type WaysProps = { readonly phone: string | undefined; readonly email: string | undefined }

/** As far as the operator has told them. */
function Ways({ phone, email }: WaysProps) {
  return (
    <>
      {phone !== undefined && (
        <>
          call{' '}
          <Anchor href={`tel:${phone.replaceAll(/[^+\d]/g, '')}`} underline="always">
            {phone}
          </Anchor>
        </>
      )}
      {phone !== undefined && email !== undefined && ' or '}
      {email !== undefined && (
        <>
          write to{' '}
          <Anchor href={`mailto:${email}`} underline="always">
            {email}
          </Anchor>
        </>
      )}
    </>
  )
}

function CategorySection({ category }: { category: Category }) {
  const { name, prices, deposit, tax, spaces, more } = category
  return (
    <Section title={name}>
      <ul className="rr-plain-list">
        {prices.map(({ label, price }) => (
          <li key={label} className="rr-spread">
            <span>{label}</span>
            <span>
              <MoneyText money={price} />
              {tax !== undefined && (
                <span className="rr-muted rr-small">
                  {' '}
                  plus {tax.percent}% {tax.name}
                </span>
              )}
            </span>
          </li>
        ))}
        {deposit !== undefined && (
          <li className="rr-spread">
            <span>Deposit</span>
            <MoneyText money={deposit} />
          </li>
        )}
      </ul>
      <ul className="rr-lines" aria-label={`Free: ${name}`}>
        {spaces.map(({ number, title }) => (
          <li key={number}>
            <strong>{number}</strong> {title}
          </li>
        ))}
      </ul>
      {more > 0 && <Text c="dimmed">and {more} more</Text>}
    </Section>
  )
}
