/** Stripe's form works once and for minutes, so its address is made at the click and never known here: a form without fields (STR-31). */
import { apiBase, useConsoleAddress } from '#web/paths'
import { DeedButton } from '#web/ui'
import { useState } from 'react'

type Props = { readonly label: string; readonly isAllowed?: boolean }

export function StripeFormButton({ label, isAllowed = true }: Props) {
  const { slug, mode } = useConsoleAddress()
  const [isGoing, setGoing] = useState(false)
  return (
    <form method="post" action={`${apiBase(slug)}/connect/onboarding?mode=${mode}`} onSubmit={() => setGoing(true)}>
      <DeedButton
        type="submit"
        can={{ allowed: isAllowed, reason: 'Needs the owner or admin role.' }}
        isRunning={isGoing}
        runningLabel="Opening Stripe…"
      >
        {label}
      </DeedButton>
    </form>
  )
}
