import { invoice } from '#billing'
export const up = invoice
