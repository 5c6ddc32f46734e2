import '#kernel'
export const form = 1
