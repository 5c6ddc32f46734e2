export const leaseStates = [
  'draft', // written down
  'active',
  'ended',
] as const
