/** The buttons of one check: deeds of ours, which tell what they changed, and exact places (UI-160). */
import { useConsoleAddress, useConsolePath } from '#web/here'
import { apiBase } from '#web/paths'
import { DeedButton, LeaveButton, ProblemAlert, useDeed } from '#web/ui'
import { Button, Group, Stack } from '@mantine/core'
import { deedPaths, hrefOf, isElsewhere, type Changed, type Check, type Link, type Remedy } from './wire.ts'

type RemediesProps = {
  readonly check: Check
  readonly canRepair: boolean
  readonly onChanged: (title: string, changed: Changed) => void
}

export function Remedies({ check, canRepair, onChanged }: RemediesProps) {
  return (
    <Stack gap="xs" mt="sm">
      <Group gap="xs" align="flex-start">
        {check.remedies.map(({ label, deed, refundId, link, door }, place) => {
          const isFirst = place === 0
          if (door !== undefined) return <Door key={label} label={label} canRepair={canRepair} />
          if (deed === undefined) return link && <Place key={label} label={label} link={link} isFirst={isFirst} />
          const parts = { label, deed, refundId, isFirst, canRepair }
          return <Deed key={label} {...parts} onChanged={(changed) => onChanged(check.title, changed)} />
        })}
      </Group>
    </Stack>
  )
}

/** To Stripe's own form, whose address is made at the press (STR-31). */
function Door({ label, canRepair }: { label: string; canRepair: boolean }) {
  const { slug, mode } = useConsoleAddress()
  const can = { allowed: canRepair, reason: 'Needs the owner or admin role.' }
  const action = `${apiBase(slug)}/connect/onboarding?mode=${mode}`
  return <LeaveButton label={label} action={action} can={can} runningLabel="Opening Stripe…" />
}

function Place({ label, link, isFirst }: { label: string; link: Link; isFirst: boolean }) {
  const [path, address] = [useConsolePath(), useConsoleAddress()]
  const href = hrefOf(link, path, address)
  const outside = isElsewhere(href) ? { target: '_blank', rel: 'noopener noreferrer' } : {}
  return (
    <Button component="a" href={href} variant={isFirst ? 'filled' : 'default'} {...outside}>
      {label}
    </Button>
  )
}

type DeedProps = {
  readonly label: string
  readonly deed: NonNullable<Remedy['deed']>
  readonly refundId: string | undefined
  readonly isFirst: boolean
  readonly canRepair: boolean
  readonly onChanged: (changed: Changed) => void
}

function Deed({ label, deed, refundId, isFirst, canRepair, onChanged }: DeedProps) {
  const { path, running, decision } = deedPaths[deed]
  const body = decision === undefined ? undefined : { refundId, decision }
  const run = useDeed<void, Changed>({ send: (api) => api.send(path, body), onDone: onChanged })
  return (
    <Stack gap="xs">
      <DeedButton
        variant={isFirst ? 'filled' : 'default'}
        can={{ allowed: canRepair, reason: 'Needs the owner or admin role.' }}
        isRunning={run.isRunning}
        runningLabel={running}
        onClick={() => void run.run()}
      >
        {label}
      </DeedButton>
      {run.problem !== undefined && <ProblemAlert problem={run.problem} />}
    </Stack>
  )
}
