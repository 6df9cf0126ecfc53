// Spans as `/v2` prints them.
import { RawJson } from '../http/raw-json.ts'
import type { Span } from '../trace/span.ts'
import { instant, optionalInstant } from './instant.ts'

/** Renders a span with its children; inputs and outputs only when they are asked for. */
export function spanV2(span: Span, options: { readonly includeOutput: boolean }): unknown {
  const { startedAt, endedAt } = span
  const shown = (text: string | null): RawJson | undefined =>
    text === null || !options.includeOutput ? undefined : new RawJson(text)
  return {
    id: span.id,
    name: span.name,
    status: span.status,
    stepOp: span.stepOp ?? undefined,
    stepId: span.stepId ?? undefined,
    stepInfo: span.stepInfo ?? undefined,
    attempts: span.attempts,
    durationMs: startedAt === null || endedAt === null ? undefined : String(endedAt - startedAt),
    queuedAt: instant(span.queuedAt),
    startedAt: optionalInstant(startedAt),
    endedAt: optionalInstant(endedAt),
    input: shown(span.input),
    output: shown(span.output),
    children: span.children.length === 0 ? undefined : span.children.map((child) => spanV2(child, options)),
  }
}
