/**
 * Moves between screens without loading the page: a click on an ordinary link of ours becomes a navigation. After it the focus
 * goes to the new screen's heading, so that keyboard and screen reader start where the eye does (UI-31).
 */
import type { AnyRouter } from '@tanstack/react-router'

/** Addresses another entry or the server answers. */
const elsewhere = /^\/(api|pay|connect|docs|_)/

function wantedHref(event: MouseEvent): string | undefined {
  if (event.defaultPrevented || event.button !== 0) return undefined
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined
  const anchor = event.target instanceof Element ? event.target.closest('a[href]') : null
  if (!(anchor instanceof HTMLAnchorElement) || anchor.target !== '' || anchor.hasAttribute('download'))
    return undefined
  const url = new URL(anchor.href)
  if (url.origin !== window.location.origin || elsewhere.test(url.pathname)) return undefined
  const isWithinPage = url.hash !== '' && url.pathname === window.location.pathname
  return isWithinPage ? undefined : url.pathname + url.search + url.hash
}

export function followLinks(router: AnyRouter): void {
  document.addEventListener('click', (event) => {
    const href = wantedHref(event)
    if (href === undefined) return
    event.preventDefault()
    void router.navigate({ href })
  })
  router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
    if (fromLocation === undefined || !pathChanged) return
    // A screen that is still loading shows its own heading later; it takes the focus then, by this mark.
    document.documentElement.setAttribute('data-moved', '')
    document.querySelector('h1')?.focus()
  })
}
