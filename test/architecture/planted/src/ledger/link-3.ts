import { link4 } from './link-4.ts'
export const link3 = link4
