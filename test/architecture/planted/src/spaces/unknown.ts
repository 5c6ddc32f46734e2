import { nothing } from '#nowhere'
export const unknown = nothing
