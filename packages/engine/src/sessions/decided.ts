// Commits an operation on Sessions. What a decision refuses it returns, before it has drafted anything; here it is thrown.
import { type Committed, commit, type Plan } from '../commit.ts'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'

export type Done<R> = Exclude<Committed<R>, string>

/** @throws EngineError what the decision refused; `store_unavailable` */
export async function decided<R>(ctx: EngineContext, plan: Plan<R | EngineError>): Promise<Done<R>> {
  const committed = await commit(ctx, plan)
  if (typeof committed === 'string') throw new EngineError('store_unavailable', 'The store could not take it now.')
  const { result } = committed
  if (result instanceof EngineError) throw result
  return { ...committed, result }
}

export function sessionNotFound(id: string): EngineError {
  return new EngineError('session_not_found', `Session ${id} is not known.`)
}

export function sessionEnded(id: string, status: string): EngineError {
  return new EngineError('session_ended', `Session ${id} has ended: it is ${status}.`, { details: { status } })
}

export function tooManyItems(id: string, limit: number): EngineError {
  return new EngineError('too_many_items', `Session ${id} would hold more than ${limit} items.`, { details: { limit } })
}

export function requestNotFound(id: string): EngineError {
  return new EngineError('request_not_found', `Request ${id} is not known.`)
}
