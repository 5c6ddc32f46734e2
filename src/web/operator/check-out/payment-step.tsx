/** How it will be paid and what is agreed; both banners turn green when what they ask for is there (UI-191). */
import { useConsolePath } from '#web/here'
import {
  CardReturn,
  Banner,
  DeedButton,
  Loaded,
  ProblemAlert,
  Section,
  useDeed,
  useHostedPage,
  useRequestKey,
} from '#web/ui'
import { Anchor, Stack, Text, TextInput } from '@mantine/core'
import { Continue, type StepProps } from './step.tsx'
import { paymentBanner, type Preview, type Renter } from './wire.ts'

export function PaymentStep(props: StepProps) {
  const { preview, draft, renter, onNext } = props
  return (
    <Loaded query={preview}>
      {(shown) => {
        const missing = paymentBanner(shown)
        const reason =
          missing?.text ??
          (draft.acceptedName.trim() === '' ? 'The renter has not accepted the agreement yet.' : undefined)
        return (
          <Stack>
            <CardReturn />
            {renter !== undefined && <HowPaid renter={renter} missing={missing} />}
            <Agreement {...props} shown={shown} />
            <Continue onNext={onNext} can={reason === undefined ? { allowed: true } : { allowed: false, reason }} />
          </Stack>
        )
      }}
    </Loaded>
  )
}

function HowPaid({ renter, missing }: { renter: Renter; missing: Preview['banners'][number] | undefined }) {
  const method = renter.methods.find(({ isDefault, unusableReason }) => isDefault && unusableReason === undefined)
  if (missing === undefined) {
    return (
      <Banner tone="green" title={method === undefined ? 'Manual payments are allowed' : 'Payment method ready'}>
        {method === undefined
          ? 'The invoice is paid by cash, cheque or transfer.'
          : `${method.label} is charged by itself.`}
      </Banner>
    )
  }
  return (
    <Banner
      title={missing.title}
      actions={<Cures renter={renter} isConnected={missing.code !== 'payments_not_connected'} />}
    >
      {missing.text}
    </Banner>
  )
}

function Cures({ renter, isConnected }: { renter: Renter; isConnected: boolean }) {
  const path = useConsolePath()
  const { key } = useRequestKey()
  const hosted = useHostedPage<{ requestKey: string; returnTo: string }>(`/renters/${renter.id}/setup`)
  const allow = useDeed({
    send: (api) => {
      const { kind, name, businessName, email, phone, billingAddress, taxNumber, version } = renter
      const details = { kind, name, businessName, email, phone, billingAddress, taxNumber, version }
      return api.send(`/renters/${renter.id}`, { ...details, manualPaymentsAllowed: true }, 'PUT')
    },
  })
  const mode = new URLSearchParams(window.location.search).get('mode') ?? 'test'
  const returnTo = `${window.location.pathname}?mode=${mode}`
  const problem = hosted.problem ?? allow.problem
  return (
    <>
      {isConnected ? (
        <DeedButton
          size="xs"
          can={renter.can.addCard}
          isRunning={hosted.isRunning}
          runningLabel="Opening…"
          onClick={() => void hosted.run({ requestKey: key, returnTo })}
        >
          Add card
        </DeedButton>
      ) : (
        <Anchor href={path('integrations', {})}>Connect Stripe</Anchor>
      )}
      <DeedButton size="xs" variant="default" isRunning={allow.isRunning} onClick={() => void allow.run()}>
        Allow manual payments
      </DeedButton>
      {problem !== undefined && <ProblemAlert problem={problem} />}
    </>
  )
}

function Agreement({ shown, draft, change }: StepProps & { shown: Preview }) {
  const path = useConsolePath()
  const name = draft.acceptedName.trim()
  const { agreement, agreementText } = shown
  if (agreement === undefined) {
    const missing = shown.banners.find(({ code }) => code === 'agreement_missing')
    return (
      <Banner
        title={missing?.title ?? 'No agreement'}
        actions={<Anchor href={path('agreements', {})}>Write the agreement</Anchor>}
      >
        {missing?.text}
      </Banner>
    )
  }
  return (
    <Section title={`${agreement.title}, version ${agreement.version}`} level={3}>
      <Stack gap="sm">
        <div className="rr-sheet">{agreementText}</div>
        <TextInput
          label="Full name of the renter"
          description="Typed by the renter on this device, it accepts the agreement above"
          autoComplete="off"
          value={draft.acceptedName}
          onChange={(event) => change({ acceptedName: event.currentTarget.value })}
        />
        {name === '' ? (
          <Banner title="Contract acceptance required">The renter types their name below the text.</Banner>
        ) : (
          <Banner tone="green" title={`Accepted by ${name}`}>
            <Text>Version {agreement.version} is kept with the lease, word for word.</Text>
          </Banner>
        )}
      </Stack>
    </Section>
  )
}
