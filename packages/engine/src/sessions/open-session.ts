// Opens a session, or finds the one that has the name already: from however many processes it is asked, there is one.
import type { SessionRow } from '@pawl/storage'
import type { EngineContext } from '../context.ts'
import { EngineError } from '../errors.ts'
import type { Draft } from '../runs/draft.ts'
import { checkSession } from './check-given.ts'
import { type Done, decided } from './decided.ts'
import type { SessionGiven } from './door.ts'
import { CREATED_EVENT, emitEvent, sessionData } from './session-events.ts'

type Opened = { readonly session: SessionRow; readonly isNew: boolean }

/** @throws EngineError `session_invalid`, `session_too_large`, `job_run_not_found` */
export async function openSession(ctx: EngineContext, given: SessionGiven): Promise<Done<Opened>> {
  checkSession(given)
  const links = await linksOf(ctx, given.jobRunId)
  return decided(ctx, {
    needs: { sessionNames: [given.name], storing: [CREATED_EVENT] },
    decide: (draft, facts): Opened => {
      const known = facts.sessionNamed(given.name)
      if (known !== undefined) return { session: given.reopen ? reopened(draft, known) : known, isNew: false }
      const session = newSession(ctx, draft, { given, links })
      draft.push({ put: 'session', row: session })
      emitEvent(ctx, draft, CREATED_EVENT, sessionData(session))
      return { session, isNew: true }
    },
  })
}

type Links = Pick<SessionRow, 'job' | 'jobRun'>

async function linksOf(ctx: EngineContext, jobRunId: string | null): Promise<Links> {
  if (jobRunId === null) return { job: null, jobRun: null }
  const row = await ctx.store.state.jobRunByUlid(jobRunId)
  if (row === undefined) throw new EngineError('job_run_not_found', `Run ${jobRunId} of a job is not known.`)
  return { job: row.job, jobRun: row.key }
}

function newSession(
  ctx: EngineContext,
  draft: Draft,
  { given, links }: { readonly given: SessionGiven; readonly links: Links },
): SessionRow {
  const { name, agent, title, metadata, runId } = given
  return {
    key: draft.ground.key(),
    id: ctx.newUlid(draft.now),
    name,
    agent,
    title,
    status: 'running',
    metadata,
    ...links,
    runId,
    items: 0,
    pending: 0,
    createdAt: draft.now,
    updatedAt: draft.now,
    endedAt: null,
    result: null,
    error: null,
  }
}

function reopened(draft: Draft, known: SessionRow): SessionRow {
  if (known.endedAt === null) return known
  const row: SessionRow = {
    ...known,
    status: 'running',
    endedAt: null,
    result: null,
    error: null,
    updatedAt: draft.now,
  }
  draft.push({ set: 'session', row })
  return row
}
