/**
 * Judges the traffic of a whole run. The product's requests are always judged; those of other callers, which tests send wrong
 * on purpose, only when they were answered as right. What a fault of the sandbox bent on purpose is counted and left alone.
 */
import type { RecordedDelivery, RecordedExchange, RecordedLine } from '../../../sandbox/traffic-record.ts'
import { loadContract } from '../derive/document.ts'
import { Judge } from '../judge/judge.ts'
import type { Finding } from '../judge/judge.ts'
import { Findings } from './findings.ts'
import { OperationsSeen } from './operations-seen.ts'
import { readFiles, readTraffic } from './traffic.ts'

/** Faults that bend neither a body nor a signature. */
const harmless = new Set(
  'delay hang search_lag forget_idempotency_keys decline_next holdMs lost copies flood'.split(' '),
)

/** @returns what to print, nothing when no sandbox ran; and whether the run may pass. */
export async function judgeRun(
  folder: string,
  { isWhole }: { isWhole: boolean },
): Promise<{ report: string; isClean: boolean }> {
  const counts = { requests: 0, answers: 0, events: 0, deliveries: 0, bent: 0 }
  const findings = new Findings()
  const seen = new OperationsSeen()
  let judge: Judge | undefined
  const take = (line: RecordedLine): readonly Finding[] => {
    judge ??= new Judge(loadContract())
    if (line.kind === 'event') {
      counts.events += 1
      return judge.judgeEvent(line.event)
    }
    if (line.kind === 'delivery') return takeDelivery(judge, line)
    seen.add(line)
    return takeExchange(judge, line)
  }
  const takeDelivery = (by: Judge, line: RecordedDelivery): readonly Finding[] => {
    const isBent = line.faults.some((fault) => !harmless.has(fault))
    counts[isBent ? 'bent' : 'deliveries'] += 1
    return isBent ? [] : by.judgeDelivery(line)
  }
  const takeExchange = (by: Judge, line: RecordedExchange): readonly Finding[] => {
    const isRequestJudged = isOfProduct(line) || isSuccess(line)
    if (isRequestJudged) counts.requests += 1
    const isBent = line.answer.status === 0 || line.faults.some((fault) => !harmless.has(fault))
    counts[isBent ? 'bent' : 'answers'] += 1
    const all = [...checkVersion(line), ...by.judgeExchange(line, { isRequestJudged })]
    return isBent ? all.filter(({ about }) => about !== 'answer') : all
  }
  for await (const line of readTraffic(folder)) for (const one of take(line)) findings.add(one, line.label)
  if (judge === undefined) return { report: '', isClean: true }
  const staleTable = isWhole ? seen.compare(readFiles(folder)) : []
  const { requests, answers, events, deliveries, bent } = counts
  const checked = `${requests} requests, ${answers} answers, ${events} events and ${deliveries} deliveries checked`
  const report = [
    `Contract of Stripe ${loadContract().info.version}: ${checked}, ${bent} bent by faults, ${findings.count} findings`,
    ...findings.print(),
    ...staleTable,
  ].join('\n')
  return { report, isClean: findings.count === 0 && staleTable.length === 0 }
}

/** The product names itself to Stripe, as Stripe asks of whoever builds on it. */
function isOfProduct({ request }: RecordedExchange): boolean {
  return (request.headers['user-agent'] ?? '').includes('Rentroll')
}

/** The product asks for the version the contract is of: its own types are those of the same package. */
function checkVersion(line: RecordedExchange): readonly Finding[] {
  const version = line.request.headers['stripe-version']
  if (!isOfProduct(line) || version === loadContract().info.version) return []
  const problem = `is ${version}, and the contract is of another version`
  return [{ about: 'request', where: `${line.method} ${line.path}`, path: 'Stripe-Version', problem }]
}

function isSuccess({ answer }: RecordedExchange): boolean {
  return answer.status >= 200 && answer.status < 300
}
