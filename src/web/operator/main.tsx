/** The console's entry: one cache, one router, one client for what needs no operator. */
import { ApiProvider, createApiClient, createQueryClient, startScreens } from '#web/ui'
import { RouterProvider } from '@tanstack/react-router'
import { createConsoleRouter } from './router.tsx'

const client = createApiClient({ base: '/api/v1' })

startScreens(
  createQueryClient(),
  <ApiProvider client={client}>
    <RouterProvider router={createConsoleRouter()} />
  </ApiProvider>,
)
