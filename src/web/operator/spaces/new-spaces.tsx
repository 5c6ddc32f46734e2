import { useConsolePath, useGo } from '#web/here'
import { FirstUse, FormBody, Loaded, Page, plural, useApiQuery, useDeed, useDeedForm, type DeedForm } from '#web/ui'
import { Button, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core'
import { IconStack2 } from '@tabler/icons-react'
import type { Categories } from './wire.ts'

type Category = Categories['rows'][number]

type Values = { categoryId: string; how: string; number: string; title: string; count: string }

export function NewSpacesPage() {
  const path = useConsolePath()
  const go = useGo()
  const query = useApiQuery<Categories>('/categories')
  return (
    <Page title="Add spaces" back={{ href: path('spaces', {}), label: 'Spaces' }}>
      <Loaded query={query}>
        {({ rows }) =>
          rows.length === 0 ? (
            <NoCategories />
          ) : (
            <NewSpacesForm categories={rows} onAdded={() => go(path('spaces', {}, { tab: 'available' }))} />
          )
        }
      </Loaded>
    </Page>
  )
}

function NoCategories() {
  const path = useConsolePath()
  return (
    <FirstUse
      icon={<IconStack2 size={32} stroke={1.5} aria-hidden />}
      title="No categories yet"
      why="A category holds the price and the deposit of all spaces of one kind, so it comes first."
      action={
        <Button component="a" href={path('categories', {})}>
          Add a category
        </Button>
      }
    />
  )
}

function countProblem(value: string, { how }: Values): string | undefined {
  if (how === 'one') return undefined
  return /^\d{1,2}$/.test(value) && Number(value) >= 2 && Number(value) <= 50
    ? undefined
    : 'Enter a number from 2 to 50.'
}

type NewSpacesProps = { readonly categories: readonly Category[]; readonly onAdded: (count: number) => void }

export function NewSpacesForm({ categories, onAdded }: NewSpacesProps) {
  const deed = useDeed<Values, { rows: readonly unknown[] }>({
    send: (api, { categoryId, how, number, title, count }) =>
      api.send('/spaces', {
        categoryId,
        ...(title.trim() === '' ? {} : { title }),
        ...(how === 'one' && number.trim() !== '' ? { number } : {}),
        ...(how === 'many' ? { count: Number(count) } : {}),
      }),
    onDone: ({ rows }) => {
      form.reset()
      onAdded(rows.length)
    },
  })
  const form = useDeedForm<Values>({
    initialValues: { categoryId: categories[0]?.id ?? '', how: 'one', number: '', title: '', count: '10' },
    validate: { count: countProblem },
    deed,
  })
  const isMany = form.values.how === 'many'
  const count = Number(form.values.count)
  const label = isMany && Number.isInteger(count) && count > 1 ? `Add ${plural(count, 'space')}` : 'Add space'
  return (
    <div className="rr-form">
      <FormBody form={form} submitLabel={label} runningLabel="Adding…">
        <NativeSelect
          label="Category"
          description="Price and deposit come from it"
          data={categories.map(({ id, code, name }) => ({ value: id, label: `${name} (${code})` }))}
          {...form.field('categoryId')}
        />
        <Radio.Group label="How many" {...form.field('how')}>
          <Stack gap="xs" mt={4}>
            <Radio value="one" label="One space" />
            <Radio value="many" label="Several, numbered on" />
          </Stack>
        </Radio.Group>
        {isMany ? (
          <>
            <TextInput
              label="Number of spaces"
              description="From 2 to 50"
              inputMode="numeric"
              {...form.field('count')}
            />
            <NumberingHint form={form} categories={categories} />
          </>
        ) : (
          <TextInput
            label="Number (optional)"
            description="Left empty, the next free number of the category is used"
            {...form.field('number')}
          />
        )}
        <TextInput label="Title (optional)" description="Such as “Corner office, 2nd floor”" {...form.field('title')} />
      </FormBody>
    </div>
  )
}

function NumberingHint({ form, categories }: { form: DeedForm<Values>; categories: readonly Category[] }) {
  const code = categories.find(({ id }) => id === form.values.categoryId)?.code
  if (code === undefined) return null
  return (
    <Text size="sm" c="dimmed">
      Numbers look like {code}-A-01 and count on from the highest in use.
    </Text>
  )
}
