export const link7 = 7
