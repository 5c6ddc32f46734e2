import { link5 } from './link-5.ts'
export const link4 = link5
