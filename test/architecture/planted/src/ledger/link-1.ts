import { link2 } from './link-2.ts'
export const link1 = link2
