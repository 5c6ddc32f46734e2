/**
 * Proving once more who is there, in one dialog over any screen (UI-6). The API client asks here when an operation was refused for want of a
 * fresh proof, and repeats it by itself afterwards, so no screen knows of it and nothing typed is lost. What surprises: a plain form that
 * leaves for another site cannot be repeated by the client, so it asks before it is sent.
 */
import { Button, Code, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { useEffect, useMemo, useState, type FormEvent } from 'react'
import { answerProofs, askForProof, createApiClient, problemOf, type Problem } from './api-client.ts'
import { ApiProvider, useDeed, type Can } from './api-hooks.tsx'
import { DeedButton } from './buttons.tsx'
import { Dialog, FormBody, useDeedForm } from './forms.tsx'
import { ProblemAlert } from './problem.tsx'

/** What the server says about the present session. */
type Known = {
  readonly methods: readonly string[]
  readonly secondsLeft: number
  readonly demoPassword?: string
}

type Asked = { readonly settle: (isProven: boolean) => void }

/** Stands once, around everything. */
export function ProofDialog() {
  const [asked, setAsked] = useState<Asked>()
  useEffect(
    () =>
      answerProofs(
        () =>
          new Promise<boolean>((resolve) => {
            const settle = (isProven: boolean) => {
              setAsked(undefined)
              resolve(isProven)
            }
            setAsked({ settle })
          }),
      ),
    [],
  )
  const client = useMemo(() => createApiClient({ base: '/api/v1' }), [])
  return (
    <Dialog isOpen={asked !== undefined} onClose={() => asked?.settle(false)} title="Confirm that it is you">
      {asked !== undefined && (
        <ApiProvider client={client}>
          <Proof settle={asked.settle} />
        </ApiProvider>
      )}
    </Dialog>
  )
}

function Proof({ settle }: Asked) {
  const [known, setKnown] = useState<Known>()
  const [problem, setProblem] = useState<Problem>()
  useEffect(() => {
    readKnown().then(setKnown, (error: unknown) => setProblem(problemOf(error)))
  }, [])
  const deed = useDeed<{ password: string }>({
    send: (api, { password }) => api.send('/step-up', { method: 'password', password }),
    onDone: () => settle(true),
  })
  const form = useDeedForm({
    initialValues: { password: '' },
    validate: { password: (value) => (value === '' ? 'Enter your password.' : undefined) },
    deed,
  })
  const isSignedOut = (problem ?? deed.problem)?.status === 401
  if (isSignedOut) return <SignedOut onClose={() => settle(false)} />
  if (problem !== undefined) return <ProblemAlert problem={problem} />
  return (
    <Stack>
      <Text>This touches something secret. Enter your password once; then it goes on by itself.</Text>
      {known?.demoPassword !== undefined && (
        <DemoPassword password={known.demoPassword} onUse={(password) => form.setFieldValue('password', password)} />
      )}
      {known?.methods.length === 0 && (
        <Text>You have no password yet. Sign out, then set one with “Forgotten password”.</Text>
      )}
      <FormBody
        form={form}
        submitLabel="Confirm"
        runningLabel="Checking…"
        beside={
          <Button variant="default" onClick={() => settle(false)}>
            Cancel
          </Button>
        }
      >
        <PasswordInput label="Password" autoComplete="current-password" {...form.field('password')} />
      </FormBody>
    </Stack>
  )
}

/** The demo operator was entered without a password, so its person cannot know theirs. */
function DemoPassword({ password, onUse }: { password: string; onUse: (password: string) => void }) {
  return (
    <Stack gap="xs">
      <Text size="sm">
        This is the demo operator. Its password on this installation is <Code>{password}</Code>
      </Text>
      <Group>
        <Button variant="default" size="xs" onClick={() => onUse(password)}>
          Fill in the demo password
        </Button>
      </Group>
    </Stack>
  )
}

function SignedOut({ onClose }: { onClose: () => void }) {
  return (
    <Stack>
      <Text role="alert">
        Your session ended, so nothing was changed. Sign in in another tab, then come back and press the button again:
        what you typed stays here.
      </Text>
      <Group>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </Group>
    </Stack>
  )
}

function readKnown(): Promise<Known> {
  return createApiClient({ base: '/api/v1' }).read<Known>('/step-up')
}

/** Less than this may have run out before a plain form arrives. */
const enoughSeconds = 20

/** True when the person has just proved who they are, or does so now. */
async function makeSure(): Promise<boolean> {
  const { secondsLeft } = await readKnown()
  return secondsLeft > enoughSeconds || askForProof()
}

type LeaveProps = {
  readonly label: string
  readonly runningLabel: string
  /** Answers with a redirect to somewhere else; the address there is never known here. */
  readonly action: string
  readonly can?: Can
  /** Who came without signing in has nothing to prove. */
  readonly isSignedIn?: boolean
}

/** A form without fields: the way out to a page whose address is made at the press (STR-31). Asks for the proof first, then is sent as any form. */
export function LeaveButton({ label, runningLabel, action, can, isSignedIn = true }: LeaveProps) {
  const [isGoing, setGoing] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const go = async (event: FormEvent<HTMLFormElement>) => {
    const form = event.currentTarget
    event.preventDefault()
    setGoing(true)
    setProblem(undefined)
    try {
      if (!isSignedIn || (await makeSure())) form.submit()
      else setGoing(false)
    } catch (error) {
      setProblem(problemOf(error))
      setGoing(false)
    }
  }
  return (
    <form method="post" action={action} onSubmit={(event) => void go(event)}>
      <Stack align="flex-start">
        {problem !== undefined && <ProblemAlert problem={problem} />}
        <DeedButton
          type="submit"
          {...(can === undefined ? {} : { can })}
          isRunning={isGoing}
          runningLabel={runningLabel}
        >
          {label}
        </DeedButton>
      </Stack>
    </form>
  )
}
