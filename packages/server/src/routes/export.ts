// Exports of runs and events as files: JSON lines or CSV, all that filters leave or the runs that are named. What is secret
// is hidden as everywhere else; payloads come only when they are asked for.
import { ulidTime } from '@pawl/protocol'
import type { EventView, ListCursor, RunView } from '@pawl/storage'
import { z } from 'zod'
import { type ServerContext, storeNow } from '../context.ts'
import { ulidParameter } from '../http/parameters.ts'
import { flagParameter } from '../http/query.ts'
import { printJson, RawJson } from '../http/raw-json.ts'
import type { Route } from '../http/route.ts'
import { csvLine } from '../lists/csv.ts'
import { readDirectory } from '../lists/directory.ts'
import { exportRows } from '../lists/export-rows.ts'
import type { Walk } from '../lists/page.ts'
import { walkEvents } from '../lists/search-events.ts'
import { walkRuns } from '../lists/search-runs.ts'
import { faultOf, type Streamed, streamRoute } from '../lists/stream-answer.ts'
import { eventRowV2, textOf } from '../views/event-view.ts'
import { instant, optionalInstant } from '../views/instant.ts'
import { maskJson } from '../views/mask.ts'
import { runV2, STATUS_V2 } from '../views/run-view.ts'
import { EventFilterQuery, readEventQuery } from './event-query.ts'
import { RunFilterQuery, readRunQuery } from './run-query.ts'

const NAMED_MAX = 1_000
const format = z.enum(['ndjson', 'csv']).optional().meta({ description: '`ndjson` by default.' })
type Format = z.infer<typeof format>

const RunExport = RunFilterQuery.extend({
  format,
  includeOutput: flagParameter,
  runId: z.array(ulidParameter).max(NAMED_MAX).optional().meta({ description: 'These runs only.' }),
})
const EventExport = EventFilterQuery.extend({ format, includeData: flagParameter })

export function exportRoutes(ctx: ServerContext): readonly Route[] {
  return [
    streamRoute({
      path: '/runs/export',
      doc: { id: 'exportRuns', tag: 'Runs', summary: 'Export runs as JSON lines or CSV.' },
      query: RunExport,
      async prepare({ format, runId, includeOutput = false, ...asked }) {
        const { query, filter } = await readRunQuery(ctx, { ...asked, limit: 1 })
        const walk =
          runId === undefined
            ? walkRuns(ctx, { ...query, withOutput: includeOutput }, filter)
            : walkNamed(ctx, [...new Set(runId)], includeOutput)
        return file(ctx, { name: 'runs', format, columns: RUN_COLUMNS, walk }, (view) => runCells(view, includeOutput))
      },
    }),
    streamRoute({
      path: '/events/export',
      doc: { id: 'exportEvents', tag: 'Events', summary: 'Export events as JSON lines or CSV.' },
      query: EventExport,
      async prepare({ format, includeData = false, ...asked }) {
        const { query, filter } = readEventQuery(asked, storeNow(ctx))
        const directory = await readDirectory(ctx)
        const whole = { ...query, limit: 1, withText: includeData, withRuns: true }
        const walk = walkEvents(ctx, whole, filter)
        return file(ctx, { name: 'events', format, columns: EVENT_COLUMNS, walk }, (view) => {
          const data = includeData ? shown(textOf(ctx, view.event)) : undefined
          return { json: { ...eventRowV2(view, directory), event: data }, cells: eventCells(view, data) }
        })
      },
    }),
  ]
}

interface Wanted<Row> {
  readonly name: string
  readonly format: Format
  readonly columns: readonly string[]
  readonly walk: Walk<Row>
}

interface Printed {
  readonly json: unknown
  readonly cells: readonly (string | number | null | undefined)[]
}

function file<Row>(ctx: ServerContext, wanted: Wanted<Row>, show: (row: Row) => Printed): Streamed {
  const { name, format = 'ndjson', columns, walk } = wanted
  const isCsv = format === 'csv'
  const stamp = instant(storeNow(ctx)).slice(0, 16).replace(/[-:]/g, '')
  return {
    contentType: isCsv ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
    headers: { 'content-disposition': `attachment; filename="${name}-${stamp}.${format}"` },
    pieces: exportRows({
      walk,
      after: undefined,
      head: isCsv ? csvLine(columns) : '',
      print: (row) => (isCsv ? csvLine(show(row).cells) : `${printJson(show(row).json)}\n`),
      fault: (error) => {
        const fault = faultOf(ctx, error)
        return isCsv ? csvLine(['error', String(fault.message)]) : `${printJson({ error: fault })}\n`
      },
    }),
  }
}

/** Runs one after the other by their IDs; those that are gone are left out. The place is the position among them. */
function walkNamed(ctx: ServerContext, ids: readonly string[], withOutput: boolean): Walk<RunView> {
  const places = new Map(ids.map((id, index) => [id, index]))
  const place = ({ row }: RunView): ListCursor => ({ value: 0, key: places.get(row.id) ?? 0 })
  return {
    async fetch(after, limit) {
      const rows: RunView[] = []
      for (const id of ids.slice(after === undefined ? 0 : after.key + 1)) {
        if (rows.length === limit) break
        const view = await ctx.lists.run(id, { withOutput, withEvents: false })
        if (view !== undefined) rows.push(view)
      }
      return rows
    },
    place,
    matches: () => true,
    size: ({ output }) => output?.length ?? 0,
  }
}

const RUN_COLUMNS = [
  'id',
  'status',
  'function',
  'app',
  'event',
  'cron',
  'queuedAt',
  'startedAt',
  'endedAt',
  'durationMs',
  'retryCount',
  'originalRunId',
  'parentRunId',
  'output',
] as const

function runCells(view: RunView, includeOutput: boolean): Printed {
  const masked = includeOutput && view.output !== null ? maskJson(view.output).text : null
  const { row } = view
  return {
    json: runV2({ ...view, output: masked }, { includeOutput }),
    cells: [
      row.id,
      STATUS_V2[row.status],
      view.slug,
      view.appName,
      view.trigger.name,
      row.cron,
      instant(ulidTime(row.id)),
      optionalInstant(row.startedAt),
      optionalInstant(row.endedAt),
      row.endedAt === null ? null : row.endedAt - (row.startedAt ?? row.queuedAt),
      row.retries,
      view.originalId,
      view.parentId,
      masked,
    ],
  }
}

const EVENT_COLUMNS = ['id', 'eventId', 'name', 'ts', 'receivedAt', 'sizeBytes', 'runs', 'event'] as const

function eventCells({ row, size, runs }: EventView, event: RawJson | undefined): Printed['cells'] {
  const started = runs.map(({ id }) => id).join(' ')
  return [row.id, row.eventId, row.name, instant(row.ts), instant(row.receivedAt), size, started, event?.text]
}

function shown(text: string | undefined): RawJson | undefined {
  return text === undefined ? undefined : new RawJson(maskJson(text).text)
}
