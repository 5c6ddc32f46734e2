import '#kernel'
export async function endLease(): Promise<void> {}
export const unrelated = 1
