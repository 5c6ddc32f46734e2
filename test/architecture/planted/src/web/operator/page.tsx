import { invoice } from '#billing'
import type { Api } from '#web/api'
import { api } from '#web/api'
export const Page = (): Api => [invoice, api]
