/** Categories hold the price and the deposit of spaces of one kind (UI-106). */
import type { Api } from '#web/api'
import {
  amountProblem,
  DataTable,
  FirstUse,
  FormBody,
  Loaded,
  MoneyField,
  MoneyText,
  Page,
  plural,
  Section,
  useApiQuery,
  useConventions,
  useDeed,
  useDeedForm,
  type AnswerOf,
  type Column,
} from '#web/ui'
import { NativeSelect, TextInput } from '@mantine/core'
import { IconStack2 } from '@tabler/icons-react'

export type Categories = AnswerOf<Api, '/api/v1/w/:slug/categories'>
type Category = Categories['rows'][number]

const intervals = [
  { code: 'month', label: 'Price per month' },
  { code: 'quarter', label: 'Price per quarter (optional)' },
  { code: 'year', label: 'Price per year (optional)' },
] as const

export function CategoriesPage() {
  const query = useApiQuery<Categories>('/categories')
  return (
    <Page title="Categories" intro="Spaces of one kind share a price and a deposit.">
      <Loaded query={query}>
        {({ rows }) =>
          rows.length === 0 ? (
            <FirstUse
              icon={<IconStack2 size={32} stroke={1.5} aria-hidden />}
              title="No categories yet"
              why="A category says what spaces of one kind cost. Add the first one below."
            />
          ) : (
            <CategoryRows rows={rows} />
          )
        }
      </Loaded>
      <Section title="Add a category">
        <NewCategory />
      </Section>
    </Page>
  )
}

const columns: readonly Column<Category>[] = [
  { key: 'name', head: 'Name', cell: (category) => category.name },
  { key: 'code', head: 'Code', cell: (category) => category.code, card: 'badge' },
  { key: 'price', head: 'Price', align: 'right', card: 'amount', cell: (category) => <Price category={category} /> },
  { key: 'deposit', head: 'Deposit', align: 'right', cell: (category) => <MoneyText money={category.deposit} /> },
  { key: 'spaces', head: 'Spaces', align: 'right', cell: (category) => plural(category.spaces, 'space') },
]

export function CategoryRows({ rows }: { rows: readonly Category[] }) {
  return <DataTable label="Categories" rows={rows} columns={columns} rowKey={(category) => category.id} />
}

function Price({ category }: { category: Category }) {
  const prices = Object.entries(category.periodPrices)
  if (category.priceBasis === 'daily_rate') return <span className="rr-figure">{category.dailyRate} a day</span>
  return prices.map(([interval, price]) => (
    <span key={interval} className="rr-block">
      <MoneyText money={price} /> <span className="rr-muted">per {interval.replaceAll('_', ' ')}</span>
    </span>
  ))
}

type Values = {
  code: string
  name: string
  priceBasis: string
  dailyRate: string
  month: string
  quarter: string
  year: string
  deposit: string
}

const empty: Values = {
  code: '',
  name: '',
  priceBasis: 'period_price',
  dailyRate: '',
  month: '',
  quarter: '',
  year: '',
  deposit: '',
}

function toBody({ code, name, priceBasis, dailyRate, deposit, ...values }: Values): object {
  const prices = intervals.map((interval) => [interval.code, values[interval.code].trim()] as const)
  const periodPrices = Object.fromEntries(prices.filter(([, price]) => price !== ''))
  return priceBasis === 'daily_rate'
    ? { code, name, priceBasis, dailyRate, deposit }
    : { code, name, priceBasis, periodPrices, deposit }
}

type NewCategoryProps = {
  /** What stands in the form at first, to be written over. */
  readonly proposal?: Partial<Values>
  readonly onAdded?: () => void
}

export function NewCategory({ proposal, onAdded }: NewCategoryProps) {
  const { currency } = useConventions()
  const deed = useDeed<Values>({
    send: (api, values) => api.send('/categories', toBody(values)),
    onDone: () => {
      form.reset()
      onAdded?.()
    },
  })
  const isPeriod = (values: Values) => values.priceBasis === 'period_price'
  const form = useDeedForm<Values>({
    initialValues: { ...empty, ...proposal },
    validate: {
      name: (value) => (value.trim() === '' ? 'Enter a name, such as Private office.' : undefined),
      code: (value) =>
        /^[A-Za-z0-9]{1,8}$/.test(value.trim()) ? undefined : 'Use 1 to 8 letters or digits, such as OFF.',
      month: (value, values) => (isPeriod(values) ? amountProblem(value, currency) : undefined),
      quarter: (value, values) => (isPeriod(values) && value !== '' ? amountProblem(value, currency) : undefined),
      year: (value, values) => (isPeriod(values) && value !== '' ? amountProblem(value, currency) : undefined),
      dailyRate: (value, values) =>
        isPeriod(values) || /^\d+(\.\d+)?$/.test(value.trim()) ? undefined : 'Enter the rate in figures, such as 5.00.',
      deposit: (value) => amountProblem(value, currency),
    },
    deed,
  })
  return (
    <div className="rr-form">
      <FormBody form={form} submitLabel="Add category" runningLabel="Adding…">
        <TextInput label="Name" {...form.field('name')} />
        <TextInput
          label="Code"
          description="Starts the numbers of its spaces, such as OFF-A-01"
          {...form.field('code')}
        />
        <NativeSelect
          label="Priced by"
          data={[
            { value: 'period_price', label: 'Month, quarter or year' },
            { value: 'daily_rate', label: 'Day' },
          ]}
          {...form.field('priceBasis')}
        />
        {isPeriod(form.values) ? (
          intervals.map(({ code, label }) => (
            <MoneyField key={code} label={label} currency={currency} {...form.field(code)} />
          ))
        ) : (
          <TextInput
            label="Rate per day"
            description="Up to six decimals of the smallest coin, such as 3.3333"
            inputMode="decimal"
            {...form.field('dailyRate')}
          />
        )}
        <MoneyField label="Deposit" description="0 for none" currency={currency} {...form.field('deposit')} />
      </FormBody>
    </div>
  )
}
