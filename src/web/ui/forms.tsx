/**
 * Forms and the dialogs around deeds. A form checks itself on submit and from then on at every change; what the server refuses is
 * put beside the field it names and the rest into the summary; nothing typed is ever lost (UI-34 to UI-37, ARC-53).
 */
import { Button, CloseButton, Group, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useId, useRef, useState, type FormEvent, type ReactNode } from 'react'
import type { Problem } from './api-client.ts'
import type { Can, Deed } from './api-hooks.tsx'
import { DeedButton } from './buttons.tsx'
import { ErrorSummary, ProblemAlert } from './problem.tsx'

type Values = Record<string, unknown>
type MantineForm<V extends Values> = ReturnType<typeof useForm<V>>

/** One check per field; it answers the sentence to show, or nothing. */
export type FormRules<V extends Values> = {
  readonly [Name in keyof V]?: (value: V[Name], values: V) => string | undefined
}

export type DeedForm<V extends Values> = MantineForm<V> & {
  readonly fieldId: (name: string) => string
  /** What a field needs: value, handlers, error and an id the summary can lead to. */
  readonly field: (name: keyof V & string) => ReturnType<MantineForm<V>['getInputProps']> & { id: string }
  readonly attempt: number
  readonly submit: (event?: FormEvent<HTMLFormElement>) => void
  readonly problem: Problem | undefined
  readonly isRunning: boolean
}

type FormOptions<V extends Values> = {
  readonly initialValues: V
  readonly validate?: FormRules<V>
  readonly deed: Deed<V>
}

/** JSON pointers of the server are field names here: `/secretKey` is the field `secretKey`. */
function errorsByField(problem: Problem | undefined, values: Values): Record<string, string> {
  const named = (problem?.errors ?? []).map(({ pointer, detail }) => [
    pointer.replace(/^\//, '').split('/')[0] ?? '',
    detail,
  ])
  return Object.fromEntries(named.filter(([name = '']) => name in values)) as Record<string, string>
}

export function useDeedForm<V extends Values>({ initialValues, validate, deed }: FormOptions<V>): DeedForm<V> {
  const prefix = useId()
  const [attempt, setAttempt] = useState(0)
  const form = useForm<V>({
    initialValues,
    validateInputOnChange: attempt > 0,
    ...(validate === undefined ? {} : { validate: validate as never }),
  })
  const fieldId = (name: string) => `${prefix}-${name}`
  const { problem } = deed
  useEffect(() => {
    if (problem === undefined) return
    form.setErrors(errorsByField(problem, form.getValues()))
    setAttempt((count) => count + 1)
    // Runs once per refusal; the form object is new at every render.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [problem])
  const submit = form.onSubmit(
    async (values, event) => {
      // While it is being sent the form is not unsaved work, so that a deed may lead to another screen.
      const element = event?.currentTarget
      element?.setAttribute('data-sending', '')
      if (await deed.run(values)) form.resetDirty()
      element?.removeAttribute('data-sending')
    },
    () => setAttempt((count) => count + 1),
  )
  return {
    ...form,
    fieldId,
    field: (name) => ({ ...form.getInputProps(name), id: fieldId(name) }),
    attempt,
    submit,
    problem,
    isRunning: deed.isRunning,
  }
}

/**
 * What the summary shows of a refusal besides the messages of its fields: nothing of the general one that only says to look there, and
 * no cause that stands at a field already.
 */
function leftOver(problem: Problem | undefined, values: Values): Problem | undefined {
  if (problem === undefined) return undefined
  const placed = Object.values(errorsByField(problem, values))
  if (problem.code === 'input_refused' && placed.length > 0 && placed.length === problem.errors?.length)
    return undefined
  return placed.includes(problem.detail) ? { ...problem, detail: '' } : problem
}

type FormBodyProps<V extends Values> = {
  readonly form: DeedForm<V>
  readonly children: ReactNode
  /** Defaults to the submit button alone. */
  readonly submitLabel: string
  readonly runningLabel?: string
  readonly can?: Can
  /** Stands beside the submit button: a second way out, or "Saved 14:03". */
  readonly beside?: ReactNode
  readonly isDanger?: boolean
}

export function FormBody<V extends Values>(props: FormBodyProps<V>) {
  const { form, children, submitLabel, runningLabel, can, beside, isDanger = false } = props
  const messages = Object.entries(form.errors).map(([name, message]) => ({
    fieldId: form.fieldId(name),
    message: String(message),
  }))
  const hasErrors = form.attempt > 0 && messages.length > 0
  useErrorTitle(hasErrors)
  return (
    <form onSubmit={form.submit} noValidate data-dirty={form.isDirty() || undefined}>
      <Stack>
        {form.attempt > 0 && (
          <ErrorSummary messages={messages} problem={leftOver(form.problem, form.getValues())} attempt={form.attempt} />
        )}
        {children}
        <Group>
          <DeedButton
            type="submit"
            {...(isDanger ? { color: 'red' } : {})}
            {...(can === undefined ? {} : { can })}
            isRunning={form.isRunning}
            runningLabel={runningLabel ?? 'Saving…'}
          >
            {submitLabel}
          </DeedButton>
          {beside}
        </Group>
      </Stack>
    </form>
  )
}

/** During a form error the document's title starts with "Error: " (UI-1). */
function useErrorTitle(hasErrors: boolean): void {
  useEffect(() => {
    if (!hasErrors) return undefined
    const before = document.title
    document.title = `Error: ${before}`
    return () => {
      document.title = before
    }
  }, [hasErrors])
}

type DialogProps = {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: string
  readonly children: ReactNode
  /** `side` opens at the left edge, `drawer` at the right one. */
  readonly size?: 'md' | 'lg' | 'side' | 'drawer'
}

/**
 * A dialog, the browser's own: it keeps the focus inside, closes on Escape and gives the focus back to its opener. Below 576 px it is a
 * sheet over the whole screen (UI-42). What is in it is made anew each time it opens.
 */
export function Dialog({ isOpen, onClose, title, children, size = 'md' }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = box.current
    if (dialog === null) return
    if (isOpen && !dialog.open) {
      dialog.showModal()
      dialog.querySelector<HTMLElement>('[data-autofocus], input:not([type=hidden]), select, textarea')?.focus()
    }
    if (!isOpen && dialog.open) dialog.close()
  }, [isOpen])
  return (
    <dialog
      ref={box}
      className="rr-dialog"
      data-size={size}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      {isOpen && (
        <>
          <div className="rr-dialog-head">
            <h2 id={titleId}>{title}</h2>
            <CloseButton aria-label="Close" onClick={onClose} />
          </div>
          {children}
        </>
      )}
    </dialog>
  )
}

type ConfirmProps = {
  readonly isOpen: boolean
  readonly onClose: () => void
  /** Asks plainly: "Void INV-000015?" */
  readonly title: string
  /** Repeats the deed and the amount. */
  readonly confirmLabel: string
  readonly deed: { readonly isRunning: boolean; readonly problem: Problem | undefined }
  readonly onConfirm: () => void
  readonly isDanger?: boolean
  /** Must be typed before the button works. */
  readonly word?: string
  readonly children: ReactNode
}

/** The confirmation before a deed that cannot be undone (UI-40): consequences first, Cancel has the focus. */
export function ConfirmDialog(props: ConfirmProps) {
  const { isOpen, onClose, title, confirmLabel, deed, onConfirm, isDanger = false, word, children } = props
  const [typed, setTyped] = useState('')
  const isWordTyped = word === undefined || typed.trim() === word
  const can: Can = isWordTyped ? { allowed: true } : { allowed: false, reason: `Type ${word} to go on.` }
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={title}>
      <Stack>
        {children}
        {word !== undefined && (
          <TextInput
            label={`Type ${word} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
          />
        )}
        {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <DeedButton {...(isDanger ? { color: 'red' } : {})} can={can} isRunning={deed.isRunning} onClick={onConfirm}>
            {confirmLabel}
          </DeedButton>
        </Group>
      </Stack>
    </Dialog>
  )
}

/** "Saved 14:03" beside the button, announced politely (UI-37). */
export function SavedNote({ at }: { at: string | undefined }) {
  return (
    <Text role="status" size="sm" c="dimmed">
      {at === undefined ? '' : `Saved ${at}`}
    </Text>
  )
}
