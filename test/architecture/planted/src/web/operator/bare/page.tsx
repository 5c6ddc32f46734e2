export const Bare = 1
