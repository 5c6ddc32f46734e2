/** Gathers findings that say the same: one line each, with how often and the first test it came up in. */
import type { Finding } from '../judge/judge.ts'

type Group = { readonly finding: Finding; readonly label: string; times: number }

const mostShown = 200

export class Findings {
  readonly #groups = new Map<string, Group>()
  count = 0

  add(finding: Finding, label: string): void {
    this.count += 1
    const place = finding.path.replace(/\/\d+(?=\/|$)/g, '/*')
    const problem = finding.problem.replace(/, and is .*$/, '')
    const key = `${finding.about} ${finding.where} ${place} ${problem}`
    const group = this.#groups.get(key)
    if (group === undefined) this.#groups.set(key, { finding, label, times: 1 })
    else group.times += 1
  }

  print(): readonly string[] {
    const groups = [...this.#groups.values()].toSorted((one, other) => other.times - one.times)
    const lines = groups
      .slice(0, mostShown)
      .map(({ finding: { about, where, path, problem }, label, times }) =>
        [`  ${times} x ${about}: ${where}`, path, problem, `(${label})`].filter((part) => part !== '').join(' '),
      )
    const rest = groups.length - lines.length
    return rest > 0 ? [...lines, `  and ${rest} more kinds of findings`] : lines
  }
}
