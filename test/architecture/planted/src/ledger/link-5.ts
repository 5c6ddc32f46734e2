import { link6 } from './link-6.ts'
export const link5 = link6
