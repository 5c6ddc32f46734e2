/** Versions of the rental agreement; a published one never changes (UI-105). */
import type { Api } from '#web/api'
import { useConsolePath, usePathPart } from '#web/here'
import {
  CopyButton,
  DataTable,
  Fact,
  FirstUse,
  FormBody,
  InstantText,
  Loaded,
  LocalDateText,
  NotFound,
  Page,
  plural,
  Section,
  useAnnounce,
  useApiQuery,
  useDeed,
  useDeedForm,
  type AnswerOf,
  type Column,
} from '#web/ui'
import { Text, Textarea, TextInput } from '@mantine/core'
import { IconSignature } from '@tabler/icons-react'

export type Agreements = AnswerOf<Api, '/api/v1/w/:slug/agreements'>
type Agreement = AnswerOf<Api, '/api/v1/w/:slug/agreements/:agreementId'>
type Version = Agreements['versions'][number]

export function AgreementsPage() {
  const query = useApiQuery<Agreements>('/agreements')
  return (
    <Page title="Agreements" intro="Renters accept the newest version when a space is checked out.">
      <Loaded query={query}>
        {(agreements) => (
          <>
            {agreements.versions.length === 0 ? (
              <FirstUse
                icon={<IconSignature size={32} stroke={1.5} aria-hidden />}
                title="No agreement yet"
                why="No space can be checked out without one. Write it below."
              />
            ) : (
              <Versions versions={agreements.versions} />
            )}
            <Section title={agreements.versions.length === 0 ? 'Write one' : 'New version'}>
              <NewVersion agreements={agreements} />
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  )
}

const columns: readonly Column<Version>[] = [
  { key: 'version', head: 'Version', cell: ({ version }) => `Version ${version}` },
  { key: 'title', head: 'Title', cell: ({ title }) => title },
  { key: 'from', head: 'In force from', cell: ({ effectiveOn }) => <LocalDateText date={effectiveOn} /> },
  { key: 'accepted', head: 'Accepted by', align: 'right', cell: ({ acceptedBy }) => plural(acceptedBy, 'renter') },
]

export function Versions({ versions }: { versions: readonly Version[] }) {
  const path = useConsolePath()
  return (
    <DataTable
      label="Versions"
      rows={versions.toSorted((one, other) => other.version - one.version)}
      columns={columns}
      rowKey={({ id }) => id}
      href={({ id }) => path('agreement', { agreementId: id })}
    />
  )
}

type NewVersionProps = {
  readonly agreements: Agreements
  /** Stands in the form while nothing was ever published. */
  readonly starter?: { readonly title: string; readonly content: string }
  readonly onPublished?: () => void | Promise<void>
}

export function NewVersion({ agreements, starter, onPublished }: NewVersionProps) {
  const announce = useAnnounce()
  const deed = useDeed<{ title: string; content: string }, { version: number }>({
    send: (api, values) => api.send('/agreements', values),
    onDone: async ({ version }) => {
      announce(`Version ${version} is published.`)
      form.resetDirty()
      await onPublished?.()
    },
  })
  const first = agreements.current ?? starter
  const form = useDeedForm({
    initialValues: { title: first?.title ?? '', content: first?.content ?? '' },
    validate: {
      title: (value) => (value.trim() === '' ? 'Enter the title.' : undefined),
      content: (value) => (value.trim() === '' ? 'Enter the text of the agreement.' : undefined),
    },
    deed,
  })
  return (
    <FormBody form={form} submitLabel="Publish this version" runningLabel="Publishing…">
      <TextInput label="Title" maw={480} {...form.field('title')} />
      <Textarea
        label="Text"
        description="Fields in double braces are filled in at check-out"
        autosize
        minRows={12}
        maxRows={30}
        {...form.field('content')}
      />
      <MergeFields fields={agreements.mergeFields} />
      <Preview content={form.values.content} fields={agreements.mergeFields} />
      <Text size="sm" c="dimmed">
        Published text does not change. Leases keep the version their renter accepted.
      </Text>
    </FormBody>
  )
}

function MergeFields({ fields }: { fields: readonly string[] }) {
  return (
    <details className="rr-help">
      <summary>Fields that can be named ({fields.length})</summary>
      <ul className="rr-plain-list">
        {fields.map((name) => (
          <li key={name}>
            <span className="rr-with-copy">
              <code>{`{{${name}}}`}</code>
              <CopyButton value={`{{${name}}}`} what={`{{${name}}}`} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** The text with each field it may name marked; what is left in braces cannot be published. */
function Preview({ content, fields }: { content: string; fields: readonly string[] }) {
  const text = content.replaceAll(/\{\{\s*([^{}]*?)\s*\}\}/g, (whole, name: string) =>
    fields.includes(name) ? `[${name.replaceAll(/[._]/g, ' ')}]` : whole,
  )
  if (text.trim() === '') return null
  return (
    <details className="rr-help">
      <summary>Preview</summary>
      <div className="rr-sheet">{text}</div>
    </details>
  )
}

export function AgreementPage() {
  const path = useConsolePath()
  const query = useApiQuery<Agreement>(`/agreements/${usePathPart('agreementId')}`)
  const missing = <NotFound noun="agreement" href={path('agreements', {})} listLabel="All versions" />
  return (
    <Loaded query={query} title="Agreement" missing={missing}>
      {(version) => (
        <Page
          title={`${version.title}, version ${version.version}`}
          back={{ href: path('agreements', {}), label: 'Agreements' }}
        >
          <dl className="rr-facts">
            <Fact label="In force from">
              <LocalDateText date={version.effectiveOn} />
            </Fact>
            <Fact label="Published">
              <InstantText at={version.publishedAt} />
            </Fact>
          </dl>
          <Section title="Text">
            <div className="rr-sheet rr-sheet-long">{version.content}</div>
          </Section>
        </Page>
      )}
    </Loaded>
  )
}
