// `pawl approvals …`: what sessions ask people, listed and decided from a terminal. A decision is final; the first one counts.
import { isUlid } from '@pawl/protocol'
import { line, table, time } from '../api/table.ts'
import { CliError } from '../errors.ts'
import { jsonValue, quoted, rowOf, type Tool, wholeNumber } from './tool.ts'

export interface ApprovalListOptions {
  readonly limit: string
  readonly status?: readonly string[] | undefined
}

export function listApprovals({ limit, status = ['pending'] }: ApprovalListOptions): Tool {
  return async (api) => {
    const query = new URLSearchParams(status.map((each): [string, string] => ['status', each]))
    const { rows, hasMore } = await api.list(`/v2/requests?${query}`, wholeNumber('--limit', limit, [1, 10_000]))
    const cells = rows.map((request) => {
      const { title, agent } = rowOf(request.session)
      return [
        line(request.id),
        line(request.kind),
        line(request.status),
        time(request.expiresAt),
        line(agent ?? title, 30),
        line(request.prompt, 60),
      ]
    })
    const none = status.length === 1 && status[0] === 'pending' ? 'Nobody waits for an answer.' : 'No requests.'
    const shown = table(['ID', 'KIND', 'STATUS', 'EXPIRES', 'FROM', 'QUESTION'], cells, none)
    return { text: shown + (hasMore ? 'There are more: raise --limit.\n' : ''), data: rows }
  }
}

export interface DecisionOptions {
  readonly reason?: string | undefined
  /** Changed arguments, as JSON. */
  readonly arguments?: string | undefined
}

export function approve(request: string, options: DecisionOptions): Tool {
  return decided(request, 'approve', options)
}

export function deny(request: string, options: Pick<DecisionOptions, 'reason'>): Tool {
  return decided(request, 'deny', options)
}

function decided(request: string, decision: 'approve' | 'deny', options: DecisionOptions): Tool {
  return async (api) => {
    const id = request.toUpperCase()
    if (!isUlid(id)) throw new CliError('argument_invalid', `A request is named by its ID, not ${quoted(request)}.`)
    const body = {
      decision,
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      ...(options.arguments === undefined ? {} : { arguments: jsonValue('--arguments', options.arguments) }),
    }
    const row = rowOf(await api.ask('POST', `/v2/requests/${id}/respond`, body))
    return { text: `${line(row.status) === 'approved' ? 'Approved' : 'Denied'}: ${line(row.prompt)}\n`, data: row }
  }
}
