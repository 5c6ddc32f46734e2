/**
 * The entry of pages a renter opens by link, without an account. It shares the look with the console and none of its code; one address
 * needs no router.
 */
import { readPath } from '#web/paths'
import { ApiProvider, createApiClient, createQueryClient, Page, PlainFrame, startScreens } from '#web/ui'
import { lazy, Suspense } from 'react'

const PayPage = lazy(() => import('./pay/page.tsx'))

function NoSuchPage() {
  return (
    <PlainFrame brand="Rentroll">
      <Page title="Not found">
        <p>This link no longer works. Ask the company that sent it for a new one.</p>
      </Page>
    </PlainFrame>
  )
}

const pay = readPath('pay', window.location.pathname)

startScreens(
  createQueryClient(),
  <ApiProvider client={createApiClient({ base: '/api/v1' })}>
    <Suspense>{pay === undefined ? <NoSuchPage /> : <PayPage token={pay['token'] ?? ''} />}</Suspense>
  </ApiProvider>,
)
