/**
 * Saving a card happens on a page of Stripe. Coming back proves nothing (STR-101): the server asks there, and what is known is shown
 * until it is settled.
 */
import { useQuery } from '#web/paths'
import { HostedReturn } from '#web/ui'

const words = {
  waiting: 'Checking the card with Stripe…',
  done: 'The card is saved',
  cancelled: 'No card was saved: the page was left before one was entered.',
  failed: 'The card was not saved',
}

/** Says how it ended after the person came back with `?setup=…`. */
export function CardReturn() {
  const [query, change] = useQuery()
  const setupId = query['setup']
  if (setupId === undefined) return null
  const dismiss = () => change({ setup: undefined, session: undefined, cancelled: undefined }, { replace: true })
  return (
    <HostedReturn
      path={`/setups/${setupId}`}
      isCancelled={query['cancelled'] !== undefined}
      words={words}
      onDismiss={dismiss}
    />
  )
}
