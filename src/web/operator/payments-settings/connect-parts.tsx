/** The connected account whole: its state, what Stripe asks for, and the link for somebody else. Step 7 shows the same. */
import { Banner } from '#web/ui'
import { Demands } from './demands.tsx'
import { ResumeLinks } from './resume-links.tsx'
import { StatusCard } from './status-card.tsx'
import { hasAccount, refusalWords, type Connect } from './wire.ts'

const finished: readonly Connect['stripeStatusDetail'][] = ['active', 'rejected', 'disconnected', 'not_connected']

export function ConnectParts({ connect, problem }: { connect: Connect; problem: string | undefined }) {
  const isOpen = hasAccount(connect) && !finished.includes(connect.stripeStatusDetail)
  return (
    <>
      {problem !== undefined && (
        <Banner tone="red" title="Stripe’s form did not open">
          {refusalWords(problem)}
        </Banner>
      )}
      <StatusCard connect={connect} />
      {hasAccount(connect) && <Demands demands={connect.demands} />}
      {isOpen && <ResumeLinks connect={connect} />}
    </>
  )
}
