// A Call Request as the fake app reads it.
import type { CallRequest } from '@pawl/engine'

export interface CallContextBody {
  readonly run_id: string
  readonly fn_id: string
  readonly attempt: number
  readonly max_attempts: number
  readonly qi_id: string
  readonly request_id: string
  readonly generation_id: number
  readonly disable_immediate_execution: boolean
  readonly stack: { readonly stack: readonly string[]; readonly current: number }
}

export interface EventBody {
  readonly name: string
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface ParsedCall {
  /** The function's slug. */
  readonly slug: string
  /** The step's hash, '' for a discovery. */
  readonly target: string
  readonly ctx: CallContextBody
  readonly event: EventBody
  readonly stack: readonly string[]
  /** Memos by hash, parsed. */
  readonly steps: ReadonlyMap<string, unknown>
  readonly useApi: boolean
  /** As it was sent. */
  readonly body: string
}

export function parseCall(request: CallRequest): ParsedCall {
  const url = new URL(request.url)
  const target = url.searchParams.get('stepId') ?? ''
  // The server's own making; what it holds is checked by what the app does with it.
  const body = JSON.parse(request.body) as {
    ctx: CallContextBody
    event: EventBody
    steps: Record<string, unknown>
    use_api: boolean
  }
  return {
    slug: url.searchParams.get('fnId') ?? '',
    target: target === 'step' ? '' : target,
    ctx: body.ctx,
    event: body.event,
    stack: body.ctx.stack.stack,
    steps: new Map(Object.entries(body.steps)),
    useApi: body.use_api,
    body: request.body,
  }
}
