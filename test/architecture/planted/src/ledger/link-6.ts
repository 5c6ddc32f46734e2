import { link7 } from './link-7.ts'
export const link6 = link7
