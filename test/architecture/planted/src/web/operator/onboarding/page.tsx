import { part } from '../bare/part.tsx'
import { Bare } from '../bare/page.tsx'
export const steps = [part, Bare]
