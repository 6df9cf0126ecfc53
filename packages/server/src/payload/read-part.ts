// The payloads of a run or event by their parts, as the stored canonical text: what lists leave out and a page opens
// one at a time.
import type { RunRecord, StoredEvent } from '@pawl/storage'
import type { ServerContext } from '../context.ts'
import { buildTrace } from '../trace/build-trace.ts'
import type { Span } from '../trace/span.ts'

const SPAN_PART = /^span\/([0-9a-f]{16})\/(input|output)$/

/**
 * A part of a run: `input`, `output`, `error`, `config`, `span/<span ID>/input`, `span/<span ID>/output`.
 *
 * @returns undefined when the run has no such part; null when there is no such run.
 */
export async function readRunPart(ctx: ServerContext, runId: string, part: string): Promise<string | undefined | null> {
  const [, spanId, side] = SPAN_PART.exec(part) ?? []
  if (spanId !== undefined) {
    const record = await ctx.lists.record(runId)
    return record === undefined ? null : spanText(record, spanId, side === 'input' ? 'input' : 'output')
  }
  const isResult = part === 'output' || part === 'error'
  const view = await ctx.lists.run(runId, { withOutput: isResult, withEvents: part === 'input' })
  if (view === undefined) return null
  switch (part) {
    case 'input':
      return listText(view.events.flatMap((event) => eventText(ctx, event) ?? []))
    case 'output':
    case 'error':
      return view.outputIsError === (part === 'error') ? (view.output ?? undefined) : undefined
    case 'config':
      return configText(ctx, view.row)
    default:
      return undefined
  }
}

/** The whole event as functions see it. As `readRunPart`. */
export async function readEventPart(ctx: ServerContext, id: string, part: string): Promise<string | undefined | null> {
  const view = await ctx.lists.event(id)
  if (view === undefined) return null
  return part === 'event' && view.event !== null ? eventText(ctx, view.event) : undefined
}

/** undefined when the body, or the run that it tells of, was deleted. */
function eventText(ctx: ServerContext, event: StoredEvent): string | undefined {
  if (event.text !== null) return event.text
  return event.ofRun === null ? undefined : ctx.engine.eventText(event)
}

function listText(texts: readonly string[]): string | undefined {
  return texts.length === 0 ? undefined : `[${texts.join(',')}]`
}

/** The configuration that the run began under: its own version, or the newest before it of which there is a record. */
async function configText(
  ctx: ServerContext,
  row: { readonly fn: number; readonly fnVersion: number },
): Promise<string | undefined> {
  const versions = await ctx.lists.functionVersions(row.fn)
  return versions.find(({ version }) => version <= row.fnVersion)?.config
}

function spanText(record: RunRecord, id: string, side: 'input' | 'output'): string | undefined {
  return findSpan(buildTrace(record), id)?.[side] ?? undefined
}

function findSpan(span: Span, id: string): Span | undefined {
  if (span.id === id) return span
  for (const child of span.children) {
    const found = findSpan(child, id)
    if (found !== undefined) return found
  }
  return undefined
}
