/** Stripe's form works once and for minutes, so its address is made at the click and never known here: a form without fields (STR-31). */
import { useConsoleAddress } from '#web/here'
import { apiBase } from '#web/paths'
import { LeaveButton } from '#web/ui'

export function StripeFormButton({ label }: { label: string }) {
  const { slug, mode } = useConsoleAddress()
  return (
    <LeaveButton
      label={label}
      action={`${apiBase(slug)}/connect/onboarding?mode=${mode}`}
      runningLabel="Opening Stripe…"
    />
  )
}
