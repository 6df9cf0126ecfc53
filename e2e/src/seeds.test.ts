/**
 * The functions in the product documents run as they stand there, on SDK 3.54.2. The documents are read when the test
 * runs, from the folder beside the repository or from `PAWL_SEEDS`; where there is none, the tests are skipped and say
 * so. What the documents leave out (services, settings, a body that is only a comment) is supplied here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Inngest, isInngestFunction, NonRetriableError } from 'inngest3'
import { serve } from 'inngest3/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api } from './harness/api.ts'
import { type Served, serveListener } from './harness/app.ts'
import type { RunContext } from './harness/function-spec.ts'
import { exchange } from './harness/http.ts'
import { repositoryRoot } from './harness/paths.ts'
import { SILENT } from './harness/sdk.ts'
import { at, fields, text } from './harness/shapes.ts'
import { type StandIn, useStandIn } from './harness/stand-in.ts'
import { moment, until } from './harness/until.ts'
import { useServer } from './harness/world.ts'
import {
  dataNames,
  environmentNames,
  extractFunctions,
  type FoundFunction,
  parts,
  stepIds,
  withLeftOut,
} from './seeds/extract.ts'
import { evaluate } from './seeds/surroundings.ts'

const folder = process.env.PAWL_SEEDS ?? join(repositoryRoot, '..', 'shared', 'seeds')
const found = documents(folder).flatMap(([file, document]) => extractFunctions(file, document))

/** What a body that is left out does, unless the event's data asks for something else. */
const FAIL = 'makeTheLeftOutBodyFail'
const HOLD = 'makeTheLeftOutBodySleep'

if (found.length === 0) process.stderr.write(`The product documents' functions are not run: none in ${folder}\n`)

describe.skipIf(found.length === 0)('the functions of the product documents', () => {
  const server = useServer()
  const api = (): Api => new Api(server().url)
  const answers = { data: { html_url: 'https://example.com/made', sha: 'sha-1', tree: [], login: 'somebody' } }
  const convex = useStandIn(() => ({ body: '[]' }))
  const github = useStandIn(() => ({ body: JSON.stringify(answers) }))
  const model = useStandIn(() => ({
    body: JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Done.' } }] }),
  }))
  const others = useStandIn(() => ({ body: '{"made":"up"}' }))

  const standInFor = (service: string): StandIn => {
    if (/convex/i.test(service)) return convex
    return /octokit|github/i.test(service) ? github : others
  }

  /** What a body does where its document has only a comment: asks the model and tells the result. */
  const leftOut = async ({ event: { data }, step }: RunContext): Promise<unknown> => {
    if (data[FAIL]) throw new NonRetriableError('The body was told to fail')
    if (data[HOLD]) await step.sleep('left out', '1h')
    const question = { messages: [{ role: 'user', content: JSON.stringify(data) }] }
    const answer = await step.run(
      'left out',
      async () => (await exchange(`${model.origin}/v1/chat/completions`, { body: question })).json,
    )
    return { answered: at(answer, 'choices', 0, 'message', 'content') }
  }

  it('are all found', () => {
    const calls = documents(folder).map(
      ([, document]) => document.match(/createFunction\s*\(\s*\{?\s*\n/g)?.length ?? 0,
    )
    expect(found).toHaveLength(calls.reduce((sum, count) => sum + count, 0))
  })

  describe.each(found.map((each, n) => ({ ...each, n })))('$where', (each) => {
    let app: Served
    let made: Made

    beforeAll(async () => {
      const client = new Inngest({
        id: `seed-${each.n}`,
        baseUrl: server().url,
        isDev: true,
        eventKey: 'e2e',
        logger: SILENT,
      })
      const given = { inngest: client, NonRetriableError, leftOut }
      const value = evaluate(withLeftOut(each.source), given, (service) => standInFor(service).origin)
      if (!isInngestFunction(value)) throw new Error(`${each.where} gives no function`)
      made = describeFunction(each, value.opts)
      app = await serveListener(serve({ client, functions: [value] }))
      await app.sync()
    })
    afterAll(async () => {
      // Another function of the documents may have the same trigger; it must have the event to itself.
      await forget(server().url, `seed-${each.n}`, app.url)
      await app.close()
    })

    it('completes, each step once and in order', async () => {
      using _ = settings(each.source, 'a key')
      const before = convex.received.length + github.received.length
      const run = await api().sendAndWait({ name: made.trigger, data: made.data() })
      const steps = (await api().trace(run.id)).children.filter((span) => span.stepOp && span.name !== 'left out')
      expect(steps.map((span) => [span.name, span.status])).toEqual(made.steps.map((id) => [id, 'COMPLETED']))
      if (made.leftOut) expect(run.output).toEqual({ answered: 'Done.' })
      else expect(run.output).toBeTypeOf('object')
      const calls = parts(each.source).body.match(/\bawait\s+(?:convex|octokit)\b/g) ?? []
      expect(convex.received.length + github.received.length - before).toBe(calls.length)
    })

    if (/onFailure/.test(each.source) && canFail(each))
      it('calls its failure handler once when it fails, with the data of the event', async () => {
        using _ = settings(each.source, undefined)
        const data = { ...made.data(), [FAIL]: true }
        const run = await api().sendAndWait({ name: made.trigger, data }, { status: 'Failed' })
        const [failed] = await until('the failed event', async () => {
          const events = await api().internalEvents('inngest/function.failed', run.id)
          return events.length > 0 && events
        })
        const handler = await api().firstRun(text(at(failed, 'internal_id')))
        await api().reached(handler.id, 'Completed')
        expect(await api().runsOf(text(at(failed, 'internal_id')))).toHaveLength(1)
        const names = dataNames(parts(each.source).options)
        const told = convex.received.filter(({ body }) => names.some((name) => body.includes(String(at(data, name)))))
        expect(told).toHaveLength(names.length === 0 ? 0 : 1)
      })

    if (/cancelOn/.test(each.source))
      it('is cancelled by the event that says so, and by no other', async () => {
        using _ = settings(each.source, 'a key')
        const data = { ...made.data(), [made.cancelField]: `${made.cancelField}-mine`, [HOLD]: true }
        const run = await api().firstRun(await api().sendOne({ name: made.trigger, data }))
        await until('the run to sleep', () => app.callsOf(run.id).some((call) => call.answer.includes('"Sleep"')))
        await api().sendOne({ name: made.cancelEvent, data: { [made.cancelField]: `${made.cancelField}-other` } })
        await moment(300)
        expect((await api().run(run.id)).status).toBe('Running')
        await api().sendOne({ name: made.cancelEvent, data: { [made.cancelField]: `${made.cancelField}-mine` } })
        await api().reached(run.id, 'Cancelled')
      })
  })
})

/** What a test needs to know of a function. */
interface Made {
  readonly trigger: string
  readonly steps: readonly string[]
  /** Whether its body is left out in its document. */
  readonly leftOut: boolean
  readonly cancelEvent: string
  readonly cancelField: string
  /** A value for every name that the function takes out of its event. */
  data(): Record<string, unknown>
}

function describeFunction({ source, where }: FoundFunction, options: unknown): Made {
  const cancel = at(options, 'cancelOn', 0)
  const names = dataNames(source)
  return {
    trigger: text(at(options, 'triggers', 0, 'event')),
    steps: stepIds(parts(source).body),
    leftOut: withLeftOut(source) !== source,
    cancelEvent: cancel === undefined ? '' : text(fields(cancel).event),
    cancelField: /event\.data\.(\w+)/.exec(String(at(cancel, 'if')))?.[1] ?? '',
    data: () => Object.fromEntries(names.map((name) => [name, `${name} of ${where}`])),
  }
}

/** Whether a test can make the function fail: its body is left out, or it insists on a setting. */
function canFail({ source }: FoundFunction): boolean {
  return withLeftOut(source) !== source || environmentNames(parts(source).body).length > 0
}

/** Sets the environment variables that a function reads, until the end of the block. */
function settings(source: string, value: string | undefined): Disposable {
  const names = environmentNames(source)
  const set = (to: string | undefined): void => {
    for (const name of names) {
      if (to === undefined) delete process.env[name]
      else process.env[name] = to
    }
  }
  set(value)
  return { [Symbol.dispose]: () => set(undefined) }
}

/** Registers the app without functions, so that none of them starts any more. */
async function forget(origin: string, appName: string, url: string): Promise<void> {
  const body = { url, deployType: 'ping', framework: 'nodejs', appName, sdk: 'js:v3.54.2', v: '0.1', functions: [] }
  await exchange(`${origin}/fn/register`, { body })
}

function documents(from: string): readonly (readonly [string, string])[] {
  if (!existsSync(from)) return []
  return readdirSync(from)
    .filter((file) => file.endsWith('.txt'))
    .toSorted()
    .map((file) => [file, readFileSync(join(from, file), 'utf8')])
}
