/** Our own link back into Stripe's form: seven days, as often as needed, told here once and revocable (UI-145, STR-32). */
import { CopyButton, createApiClient, DeedButton, InstantText, ProblemAlert, Section, useDeed } from '#web/ui'
import { Group, Stack, Text } from '@mantine/core'
import type { Connect, Link } from './wire.ts'
import { useState } from 'react'

const open = createApiClient({ base: '/api/v1' })

export function ResumeLinks({ connect }: { connect: Connect }) {
  const [link, setLink] = useState<Link>()
  const [isMailed, setMailed] = useState(false)
  const make = useDeed<void, Link>({ send: (api) => api.send('/connect/resume-links'), onDone: setLink })
  const mail = useDeed<void, Link>({
    send: async (api) => {
      const made = await api.send<Link>('/connect/resume-links')
      await open.send(`/connect/resume/${tokenOf(made)}/mail`)
      return made
    },
    onDone: () => setMailed(true),
  })
  const revoke = useDeed({
    send: (api) => api.send('/connect/resume-links/revoke'),
    onDone: () => setLink(undefined),
  })
  const problem = make.problem ?? mail.problem ?? revoke.problem
  const { count, lastEndsAt } = connect.resumeLinks
  return (
    <Section title="Link for somebody else">
      <Stack>
        <Text>
          An owner or admin who is not here can go on with Stripe’s form from their own browser. They sign in first.
        </Text>
        {link !== undefined && (
          <Group gap="xs" wrap="nowrap">
            <span className="rr-mono">{link.url}</span>
            <CopyButton value={link.url} what="the link" />
          </Group>
        )}
        <Text role="status" size="sm" c="dimmed">
          {count === 0 || lastEndsAt === undefined ? (
            'No link works now.'
          ) : (
            <>
              {count === 1 ? '1 link works' : `${count} links work`}, the last one until <InstantText at={lastEndsAt} />
              .
            </>
          )}
          {isMailed && ' A mail is on its way to the owner; at most one goes out in an hour.'}
        </Text>
        {problem !== undefined && <ProblemAlert problem={problem} />}
        <Group>
          <DeedButton variant="default" isRunning={make.isRunning} onClick={() => void make.run()}>
            Make a link valid 7 days
          </DeedButton>
          <DeedButton variant="default" isRunning={mail.isRunning} onClick={() => void mail.run()}>
            E-mail one to the owner
          </DeedButton>
          {count > 0 && (
            <DeedButton variant="default" isRunning={revoke.isRunning} onClick={() => void revoke.run()}>
              Revoke
            </DeedButton>
          )}
        </Group>
      </Stack>
    </Section>
  )
}

function tokenOf({ url }: Link): string {
  return new URL(url).pathname.split('/').at(-1) ?? ''
}
