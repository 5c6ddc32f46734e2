import '#kernel'
export const guess = (name: string) => import(name)
