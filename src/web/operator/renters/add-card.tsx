/** Saving a card happens on a page of Stripe; this button leads there and back to this screen. */
import { DeedButton, ProblemAlert, useHostedPage, useRequestKey } from '#web/ui'
import type { Renter } from './wire.ts'

export function AddCard({ renter }: { renter: Renter }) {
  const { key } = useRequestKey()
  const deed = useHostedPage<{ requestKey: string; returnTo: string }>(`/renters/${renter.id}/setup`)
  const returnTo = `${window.location.pathname}?mode=${new URLSearchParams(window.location.search).get('mode') ?? 'test'}`
  return (
    <>
      <DeedButton
        size="xs"
        can={renter.can.addCard}
        isRunning={deed.isRunning}
        runningLabel="Opening…"
        onClick={() => void deed.run({ requestKey: key, returnTo })}
      >
        Add card
      </DeedButton>
      {deed.problem !== undefined && <ProblemAlert problem={deed.problem} />}
    </>
  )
}
