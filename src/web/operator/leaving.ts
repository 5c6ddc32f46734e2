/** Leaving: to sign in again and come back, or with something typed and not saved. */
import { openPath } from '#web/paths'
import { useBlocker } from '@tanstack/react-router'

/** Goes to sign-in, which leads back to where the person was (UI-10 signed out). */
export function leaveForSignIn(): void {
  const here = window.location.pathname + window.location.search
  window.location.assign(openPath('signIn', {}, { next: here }))
}

function hasUnsaved(): boolean {
  return document.querySelector('form[data-dirty="true"]:not([data-sending])') !== null
}

/** Asks once before typed values are lost (UI-36); changes of the query alone keep the form. */
export function useWarnBeforeLeaving(): void {
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      current.pathname !== next.pathname && hasUnsaved() && !window.confirm('Leave without saving?'),
    enableBeforeUnload: hasUnsaved,
  })
}
