/** What can be said about typed values without the server. */

export function passwordProblem(value: string): string | undefined {
  return value.length < 12 ? 'Use at least 12 characters. Several words are easy to remember.' : undefined
}

/** The grammar alone is checked here; whether the address is free is the server's to say. */
export function slugProblem(slug: string): string | undefined {
  if (slug === '') return 'Enter an address for your workspace.'
  if (!/^[a-z0-9-]*$/.test(slug)) return 'Use small letters, digits and hyphens only.'
  if (/^-|-$/.test(slug)) return 'Put a letter or a digit at both ends.'
  if (slug.length < 3) return 'Use at least 3 characters.'
  return slug.length > 40 ? 'Use at most 40 characters.' : undefined
}

export function emailProblem(value: string): string | undefined {
  return /^\S+@\S+\.\S+$/.test(value.trim()) ? undefined : 'Enter an e-mail address, such as name@example.com.'
}
