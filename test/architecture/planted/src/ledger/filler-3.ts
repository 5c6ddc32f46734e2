import type { Money } from '#kernel'
export type Filler = Money
