/** `/` leads on: to the console of whoever is signed in, else to sign-in. */
import { useGo } from '#web/here'
import { consoleDoor, openPath } from '#web/paths'
import { Loaded } from '#web/ui'
import { useEffect } from 'react'
import { useMe, type Me } from './me.ts'
import { PlainScreen } from './plain-screen.tsx'

function landingOf({ person, operators: [first] }: Me): string | undefined {
  if (person === null) return openPath('signIn', {})
  return first === undefined ? undefined : consoleDoor(first.slug)
}

function LeadOn({ me }: { me: Me }) {
  const go = useGo()
  const href = landingOf(me)
  useEffect(() => {
    if (href !== undefined) go(href, { replace: true })
  }, [href, go])
  return href === undefined ? <p>You do not belong to a workspace. Ask an owner to invite you.</p> : null
}

export function HomeScreen() {
  const query = useMe()
  return (
    <PlainScreen>
      <Loaded query={query}>{(me) => <LeadOn me={me} />}</Loaded>
    </PlainScreen>
  )
}
