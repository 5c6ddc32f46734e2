import { link3 } from './link-3.ts'
export const link2 = link3
