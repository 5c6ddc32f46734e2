import '#kernel'
export const renterStates = ['new'] as const
