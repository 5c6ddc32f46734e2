/** The four fields of UI-120, checked while typing, saved all or nothing (UI-124). */
import {
  DeedButton,
  FormBody,
  InstantText,
  LocalDateText,
  SecretField,
  useDeed,
  useDeedForm,
  type DeedForm,
  type SavedSecret,
} from '#web/ui'
import { Button, Group, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { KeyHelp } from './key-help.tsx'
import { cleanKey, judgeKeys, type KeyFieldName, type KeyFinding, type KeyValues } from './key-rules.ts'
import { SwitchAccount } from './leave.tsx'
import { SaveProgress } from './save-progress.tsx'
import { stripePath, type Connection, type Saved } from './wire.ts'

type Props = {
  readonly connection: Connection
  /** Values typed under the other mode and brought here. */
  readonly pasted: KeyValues | undefined
  readonly onCarryOver: (values: KeyValues) => void
}

const patienceMs = 400

function savedValues(connection: Connection): KeyValues {
  return {
    publishableKey: connection.publishableKey,
    secretKey: '',
    accountId: connection.accountId,
    webhookSecret: '',
  }
}

/** The form with what the last save answered; after a save the secrets are dots again. */
function useKeyForm({ connection, pasted }: Props) {
  const [answer, setAnswer] = useState<Saved>()
  const [replacing, setReplacing] = useState<readonly KeyFieldName[]>(
    pasted === undefined ? [] : ['secretKey', 'webhookSecret'],
  )
  const deed = useDeed<KeyValues, Saved>({
    send: (api, values) => api.send(stripePath, values, 'PUT'),
    onDone: (saved) => {
      setAnswer(saved)
      setReplacing([])
      form.setValues(savedValues(saved.connection))
    },
  })
  const form = useDeedForm<KeyValues>({
    initialValues: pasted ?? savedValues(connection),
    validate: {
      publishableKey: (value) => (value === '' ? 'Enter the publishable key.' : undefined),
      secretKey: (value) => (value === '' && connection.secretKey === undefined ? 'Enter the secret key.' : undefined),
    },
    deed,
  })
  const putAway = () => {
    deed.forget()
    setReplacing([])
    form.setValues(savedValues(connection))
    form.clearErrors()
  }
  return { answer, form, replacing, setReplacing, putAway }
}

export function KeyForm(props: Props) {
  const { connection, onCarryOver } = props
  const { answer, form, replacing, setReplacing, putAway } = useKeyForm(props)
  const findings = useFindings(form.values, connection)
  const parts = { form, findings, replacing, setReplacing, onCarryOver }
  return (
    <div className="rr-form">
      <FormBody form={form} submitLabel="Save Credentials" runningLabel="Verifying with Stripe…">
        <KeyHelp connection={connection} />
        <OneKey
          {...parts}
          name="publishableKey"
          label="Publishable Key"
          description="Starts with pk_test_ or pk_live_"
        />
        <OneKey
          {...parts}
          name="secretKey"
          label="Secret Key"
          description="A restricted key (rk_…) is recommended; sk_… works too"
          saved={savedKey(connection)}
        />
        <OneKey
          {...parts}
          name="accountId"
          label="Account ID (optional)"
          description="Stripe Connect only. Starts with acct_"
        />
        <OneKey
          {...parts}
          name="webhookSecret"
          label="Webhook Secret (optional)"
          description="May be added after you have created the webhook. Starts with whsec_"
          saved={savedWebhookSecret(connection)}
        />
      </FormBody>
      {form.problem?.code === 'different_account' && connection.id !== undefined && (
        <SwitchAccount
          problem={form.problem}
          connectionId={connection.id}
          values={form.getValues}
          onKeep={putAway}
          onSwitched={putAway}
        />
      )}
      <SaveProgress isRunning={form.isRunning} steps={answer?.steps} />
      {answer?.othersUntil !== undefined && (
        <Text mt="sm">
          The older webhook secret stays valid until <InstantText at={answer.othersUntil} />.
        </Text>
      )}
    </div>
  )
}

/** What is found while typing; a key cut short is only told once typing has paused. */
function useFindings(values: KeyValues, connection: Connection) {
  const [settled] = useDebouncedValue(values, patienceMs)
  const isSettled = settled === values
  const all = judgeKeys(values, connection.mode)
  return (name: KeyFieldName): KeyFinding | undefined => {
    const finding = all[name]
    return finding?.isPatient === true && !isSettled ? undefined : finding
  }
}

function savedKey({ secretKey, mode }: Connection): SavedSecret | undefined {
  if (secretKey === undefined) return undefined
  const prefix = `${secretKey.kind === 'restricted' ? 'rk' : 'sk'}_${mode}_`
  return { ...secretKey, prefix, changed: <LocalDateText date={secretKey.changedAt.slice(0, 10)} /> }
}

function savedWebhookSecret({ webhook }: Connection): SavedSecret | undefined {
  const newest = webhook.secrets.toSorted((one, other) => Date.parse(other.validFrom) - Date.parse(one.validFrom))[0]
  if (newest === undefined) return undefined
  return { ...newest, prefix: 'whsec_', changed: <LocalDateText date={newest.validFrom.slice(0, 10)} /> }
}

type OneKeyProps = {
  readonly form: DeedForm<KeyValues>
  readonly findings: (name: KeyFieldName) => KeyFinding | undefined
  readonly replacing: readonly KeyFieldName[]
  readonly setReplacing: (names: readonly KeyFieldName[]) => void
  readonly onCarryOver: (values: KeyValues) => void
  readonly name: KeyFieldName
  readonly label: string
  readonly description: string
  readonly saved?: SavedSecret | undefined
}

function OneKey({
  form,
  findings,
  replacing,
  setReplacing,
  onCarryOver,
  name,
  label,
  description,
  saved,
}: OneKeyProps) {
  const [isCleaned, setCleaned] = useState(false)
  const finding = findings(name)
  const { error, ...field } = form.field(name)
  const type = (typed: string) => {
    const cleaned = cleanKey(typed)
    setCleaned(cleaned !== typed)
    form.setFieldValue(name, cleaned as never)
  }
  const isReplacing = replacing.includes(name) || form.values[name] !== ''
  return (
    <div>
      <SecretField
        {...field}
        label={label}
        description={description}
        error={finding?.text ?? error}
        onChange={(event) => type(event.currentTarget.value)}
        saved={saved}
        isReplacing={isReplacing}
        onReplace={() => setReplacing([...replacing, name])}
        onKeep={() => {
          form.setFieldValue(name, '' as never)
          setReplacing(replacing.filter((other) => other !== name))
        }}
      />
      <Text size="xs" c="dimmed" role="status" mt={isCleaned ? 4 : 0}>
        {isCleaned ? 'Removed spaces around the key.' : ''}
      </Text>
      {finding !== undefined && <Cure form={form} name={name} finding={finding} onCarryOver={onCarryOver} />}
    </div>
  )
}

type CureProps = Pick<OneKeyProps, 'form' | 'name' | 'onCarryOver'> & { readonly finding: KeyFinding }

/** The button in the message: swap the two, move it to an empty field, or save under the other mode. */
function Cure({ form, name, finding, onCarryOver }: CureProps) {
  const { belongsIn, otherMode } = finding
  if (otherMode !== undefined) {
    return (
      <Button mt={4} size="compact-sm" variant="default" onClick={() => onCarryOver(form.getValues())}>
        Save them under {otherMode === 'live' ? 'Live' : 'Test'}
      </Button>
    )
  }
  if (belongsIn === undefined) return null
  const isOtherEmpty = form.values[belongsIn] === ''
  const cure = () => {
    const values = form.getValues()
    form.setValues({ ...values, [belongsIn]: values[name], [name]: values[belongsIn] })
  }
  return (
    <Group mt={4}>
      <DeedButton size="compact-sm" variant="default" onClick={cure}>
        {isOtherEmpty ? 'Move it' : 'Swap'}
      </DeedButton>
    </Group>
  )
}
