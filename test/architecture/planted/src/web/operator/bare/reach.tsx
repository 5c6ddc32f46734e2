import { steps } from '../onboarding/page.tsx'
export const all = steps
