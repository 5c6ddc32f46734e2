/**
 * The entry of pages opened by link, by renters and by whoever goes on with Stripe's form, and of each operator's public page. It shares the
 * look with the console and none of its code; a few addresses need no router.
 */
import { openPath, readPath } from '#web/paths'
import { ApiProvider, createApiClient, createQueryClient, Page, PlainFrame, recallPlace, startScreens } from '#web/ui'
import { lazy, Suspense, useEffect } from 'react'

const BookPage = lazy(() => import('./book/page.tsx'))
const PayPage = lazy(() => import('./pay/page.tsx'))
const MethodPage = lazy(() => import('./method/page.tsx'))
const ResumePage = lazy(() => import('./resume/page.tsx'))

function NoSuchPage() {
  return (
    <PlainFrame brand="Rentroll">
      <Page title="Not found">
        <p>This link no longer works. Ask the company that sent it for a new one.</p>
      </Page>
    </PlainFrame>
  )
}

/** Where a bank sends the renter after its confirmation (STR-101). Coming back proves nothing: the page they left asks the server. */
function PayReturn() {
  const place = recallPlace()
  useEffect(() => {
    if (place !== undefined) window.location.replace(place)
  }, [place])
  return (
    <PlainFrame brand="Rentroll">
      <Page title="Back from your bank">
        <p>You can close this page. The result stands on the page you came from, and the company tells you by mail.</p>
      </Page>
    </PlainFrame>
  )
}

function PublicPage() {
  if (window.location.pathname === openPath('payReturn', {})) return <PayReturn />
  const resume = readPath('connectResume', window.location.pathname)
  if (resume !== undefined) return <ResumePage token={resume['token'] ?? ''} />
  const method = readPath('payMethod', window.location.pathname)
  if (method !== undefined) return <MethodPage token={method['token'] ?? ''} />
  const book = readPath('book', window.location.pathname)
  if (book !== undefined) return <BookPage slug={book['slug'] ?? ''} />
  const pay = readPath('pay', window.location.pathname)
  return pay === undefined ? <NoSuchPage /> : <PayPage token={pay['token'] ?? ''} />
}

startScreens(
  createQueryClient(),
  <ApiProvider client={createApiClient({ base: '/api/v1' })}>
    <Suspense>
      <PublicPage />
    </Suspense>
  </ApiProvider>,
)
