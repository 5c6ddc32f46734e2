/**
 * Draws what a state file allows, as Mermaid. A state file answers by `mayStep` or `mayMove` what we may do, and by `judge` or
 * `judgeSetup` what news may do; where it answers both, the arrows that only news can take say so.
 */

export type StateFile = {
  /** The name under which the file exports its list of states. */
  readonly list: string
  readonly machine: Readonly<Record<string, unknown>>
  /** The text of the file, from which the remark beside each state is taken. */
  readonly source: string
}

type Ask = (current: string, next: string) => unknown

/** A diagram and the meaning of each state. @throws when the file offers no list of states. */
export function drawStates({ list, machine, source }: StateFile): string {
  const states = machine[list]
  if (!isList(states)) throw new Error(`there is no list of states named ${list}`)
  const arrows = states.flatMap((from) => states.flatMap((to) => arrow(machine, from, to)))
  const meanings = states.flatMap((state) => remarkOn(state, source))
  const names = `One of: ${states.map((state) => `\`${state}\``).join(', ')}.\n`
  const table = meanings.length > 0 ? [`| state | meaning |\n|---|---|\n${meanings.join('\n')}\n`] : []
  return [arrows.length > 0 ? diagram(states, arrows) : names, ...table].join('\n')
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0
}

function diagram(states: readonly string[], arrows: readonly string[]): string {
  const left = new Set(arrows.map((line) => line.split(' ')[0]))
  const ends = states.filter((state) => !left.has(state)).map((state) => `${state} --> [*]`)
  const lines = [`[*] --> ${states[0]}`, ...arrows, ...ends].map((line) => `  ${line}`)
  return ['```mermaid', 'stateDiagram-v2', ...lines, '```', ''].join('\n')
}

function arrow(machine: StateFile['machine'], from: string, to: string): string[] {
  const own = findAsk(machine, ['mayStep', 'mayMove'])
  const news = findAsk(machine, ['judge', 'judgeSetup'])
  if (own?.(from, to) === true) return [`${from} --> ${to}`]
  if (news?.(from, to) === 'move') return [`${from} --> ${to}${own ? ' : news' : ''}`]
  return []
}

function findAsk(machine: StateFile['machine'], names: readonly string[]): Ask | undefined {
  return names.map((name) => machine[name]).find((value): value is Ask => typeof value === 'function')
}

/** A row of the table from the remark that stands beside the state in the source, if there is one. */
function remarkOn(state: string, source: string): string[] {
  const remark = new RegExp(`^\\s*'${state}', // (.+)$`, 'm').exec(source)?.[1]
  return remark === undefined ? [] : [`| \`${state}\` | ${remark} |`]
}
