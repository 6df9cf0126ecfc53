// The room of Sessions, joined: what follows from a commit goes to the queue, and whoever waits is let go at the end.
import type { Mark } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import type { MatchHooks } from '../match/run-match-item.ts'
import type { Effects, Leased } from '../runs/draft.ts'
import { appendItems } from './append-items.ts'
import { askRequest } from './ask-request.ts'
import { changeSession } from './change-session.ts'
import type { Sessions } from './door.ts'
import { Gate } from './gate.ts'
import { openSession } from './open-session.ts'
import { RequestWaiters } from './request-waiters.ts'
import { cancelRequest, readByLink, respond, respondByLink, runDeadline } from './respond.ts'
import { runCallback } from './run-callback.ts'

/** Callbacks under way at a time: receivers that answer slowly must not fill the process. */
const CALLBACKS_MAX = 32

export interface SessionsHooks extends MatchHooks {
  /** Runs an operation that a request waits for. */
  stored<R>(operate: () => Promise<R>): Promise<R>
}

export interface SessionsRoom {
  readonly door: Sessions
  /** Works on an item of kind `request` or `callback`. */
  handle(leased: Leased): Promise<void>
  stop(): void
}

export function createSessions(ctx: EngineContext, hooks: SessionsHooks): SessionsRoom {
  const waiters = new RequestWaiters(ctx)
  const gate = new Gate(CALLBACKS_MAX)

  async function done<R>(operate: () => Promise<Came<R>>): Promise<R> {
    const came = await hooks.stored(operate)
    if (came.effects !== null) hooks.follow(came.effects, came.mark)
    return came.result
  }

  return {
    door: {
      open: (session) => done(() => openSession(ctx, session)),
      change: (id, change) => done(() => changeSession(ctx, id, change)),
      append: (id, items) => done(() => appendItems(ctx, id, items)),
      request: (id, request) => done(() => askRequest(ctx, id, request)),
      respond: (id, answer) => done(() => respond(ctx, id, answer)),
      openLink: (id, token) => hooks.stored(() => readByLink(ctx, id, token)),
      respondByLink: (id, token, answer) => done(() => respondByLink(ctx, id, { token, answer })),
      cancelRequest: (id, by) => done(() => cancelRequest(ctx, id, by)),
      waitFor: (id, timeoutMs, signal) => hooks.stored(() => waiters.waitFor(id, timeoutMs, signal)),
    },
    handle: (leased) =>
      leased.item.kind === 'request' ? runDeadline(ctx, hooks, leased) : runCallback(ctx, hooks, { ...leased, gate }),
    stop: () => waiters.stop(),
  }
}

type Came<R> =
  | { readonly result: R; readonly effects: Effects; readonly mark: Mark }
  | { readonly result: R; readonly effects: null }
