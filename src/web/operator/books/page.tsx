/** The trial balance of the double-entry books: every account, and proof that both sides are equal. */
import type { Api } from '#web/api'
import {
  DataTable,
  FirstUse,
  Loaded,
  MoneyText,
  Page,
  Section,
  StatusBadge,
  useApiQuery,
  type AnswerOf,
  type Column,
} from '#web/ui'
import { Alert } from '@mantine/core'
import { IconBook2 } from '@tabler/icons-react'

type Books = AnswerOf<Api, '/api/v1/w/:slug/books'>
type Account = Books['accounts'][number]
type Breach = Books['breaches'][number]

export function BooksPage() {
  const query = useApiQuery<Books>('/books')
  const balanced = query.data?.isBalanced
  return (
    <Page
      title="Books"
      intro="Every account of the double-entry ledger. Debits and credits must be equal to the cent."
      badge={balanced !== undefined && <BalancedBadge isBalanced={balanced} />}
    >
      <Loaded query={query}>
        {(books) => (
          <>
            <Breaches breaches={books.breaches} />
            {books.accounts.length === 0 ? (
              <FirstUse
                icon={<IconBook2 size={32} stroke={1.5} aria-hidden />}
                title="Nothing booked yet"
                why="The first entries are written when the first invoice is issued."
              />
            ) : (
              <TrialBalance books={books} />
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function BalancedBadge({ isBalanced }: { isBalanced: boolean }) {
  return isBalanced ? (
    <StatusBadge tone="green">Balanced</StatusBadge>
  ) : (
    <StatusBadge tone="red">Not balanced</StatusBadge>
  )
}

function Breaches({ breaches }: { breaches: readonly Breach[] }) {
  if (breaches.length === 0) return null
  return (
    <Alert color="red" variant="outline" role="alert" title="The books do not add up" mb="lg">
      <ul>
        {breaches.map((breach) => (
          <li key={`${breach.invariant} ${breach.subject}`}>
            {breach.invariant.replaceAll('_', ' ')}: {breach.detail} Expected {breach.expected}, found {breach.actual} (
            {breach.subject}).
          </li>
        ))}
      </ul>
    </Alert>
  )
}

function accountName(account: string): string {
  const words = account.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const columns: readonly Column<Account>[] = [
  { key: 'account', head: 'Account', cell: ({ account }) => accountName(account) },
  { key: 'code', head: 'Code', cell: ({ code }) => code },
  {
    key: 'debit',
    head: 'Debit',
    align: 'right',
    cell: ({ debit }) => debit !== undefined && <MoneyText money={debit} />,
  },
  {
    key: 'credit',
    head: 'Credit',
    align: 'right',
    cell: ({ credit }) => credit !== undefined && <MoneyText money={credit} />,
  },
]

function TrialBalance({ books }: { books: Books }) {
  return books.totals.map(({ currency, debit, credit }) => (
    <Section key={currency} title={currency}>
      <DataTable
        label={`Trial balance in ${currency}`}
        rows={books.accounts
          .filter((account) => account.currency === currency)
          .toSorted((one, other) => (one.code < other.code ? -1 : 1))}
        columns={columns}
        rowKey={({ code }) => code}
      />
      <dl className="rr-totals">
        <div data-strong>
          <dt>Debits</dt>
          <dd>
            <MoneyText money={debit} />
          </dd>
        </div>
        <div data-strong>
          <dt>Credits</dt>
          <dd>
            <MoneyText money={credit} />
          </dd>
        </div>
      </dl>
    </Section>
  ))
}
