// `npm run trading-agent`: Pawl, a fake news site, a fake broker and the agent, side by side, until Ctrl-C or until one of
// them ends. It makes the daily jobs and says what to try. Ports that are taken are replaced, since everybody is told.
// TRADING_PORT says where to begin (Pawl there, then the others), TRADING_STATE_FOLDER where to keep the state.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from './child.ts'
import { freePort } from './free-port.ts'
import { ensureJobs } from './jobs.ts'

const PORT = Number(process.env.TRADING_PORT || 8288)
/** The others stand far enough from Pawl's port that a second copy finds its own. */
const OTHERS = 100
/** Longest wait for all to be there. */
const CONNECT_MS = 30_000

const pawlPort = await freePort(PORT)
const newsPort = await freePort(PORT + OTHERS)
const brokerPort = await freePort(newsPort + 1)
const agentPort = await freePort(brokerPort + 1)
const url = (port: number): string => `http://localhost:${port}`
const ownFolder = pawlPort === PORT ? '.pawl/trading-agent' : `.pawl/trading-agent-${pawlPort}`
const folder = process.env.TRADING_STATE_FOLDER || ownFolder
const token = randomBytes(24).toString('base64url')

const src = 'apps/trading-agent/src'
const sdkUrl = `${url(agentPort)}/api/inngest`
const children = [
  startChild('pawl', [
    ...['packages/cli/src/main.ts', 'dev', '--port', `${pawlPort}`, '--sqlite-dir', folder],
    ...['--no-discovery', '--sdk-url', sdkUrl],
  ]),
  startChild('news', [`${src}/fakes/news.ts`], { PORT: `${newsPort}` }),
  startChild('broker', [`${src}/fakes/broker.ts`], { PORT: `${brokerPort}` }),
  startChild('agent', [`${src}/server.ts`], {
    PORT: `${agentPort}`,
    INNGEST_DEV: url(pawlPort),
    PAWL_URL: url(pawlPort),
    NEWS_URL: url(newsPort),
    BROKER_URL: url(brokerPort),
    AGENT_TOKEN: token,
  }),
]

let stopping = false
const stopped = Promise.race([nextSignal(), ...children.map(endOf)])
const begun = begin().catch((error: unknown) => `The jobs could not be made: ${String(error)}\n`)
const said = await Promise.race([begun, stopped.then(() => '')])
process.stdout.write(said)
process.exitCode = await stopped
stopping = true
await Promise.all(children.map((child) => child.end()))
process.exit()

/** Waits for all, makes the jobs, and gives what to say. */
async function begin(): Promise<string> {
  const deadline = performance.now() + CONNECT_MS
  while (!(await isConnected())) {
    if (performance.now() > deadline) return 'Not all of them found each other; the lines above say why.\n'
    await sleep(50)
  }
  const [plain, durable] = await ensureJobs({ pawlUrl: url(pawlPort), agentUrl: url(agentPort), token })
  return `
  Pawl runs at ${url(pawlPort)}, the agent at ${url(agentPort)}. Every day at 09:00 the job calls the agent.
${pawlPort === PORT ? '' : `  (Port ${PORT} is taken, so Pawl took ${pawlPort}.)\n`}
  It need not be 09:00. Call it by hand, as a plain HTTP agent or as a durable function:

    curl -X POST ${url(pawlPort)}/v2/jobs/${plain?.id}/run
    curl -X POST ${url(pawlPort)}/v2/jobs/${durable?.id}/run

  It reads the news (${url(newsPort)}/headlines) and asks before it buys. Approve it, or not:

    ${url(pawlPort)}/approvals

  See what the broker took:

    curl ${url(brokerPort)}/orders

  Ctrl-C ends all of them.

`
}

/** Whether the server knows the agent's function, and the sites answer. */
async function isConnected(): Promise<boolean> {
  const get = (address: string): Promise<Response> => fetch(address, { signal: AbortSignal.timeout(1_000) })
  try {
    const answers = await Promise.all([
      get(`${url(pawlPort)}/v1/apps/trading-agent/functions`),
      get(`${url(newsPort)}/headlines`),
      get(`${url(brokerPort)}/orders`),
    ])
    const functions: unknown = await answers[0].json()
    return answers.every(({ ok }) => ok) && Array.isArray(functions) && functions.length > 0
  } catch {
    return false
  }
}

async function endOf(child: Child): Promise<number> {
  const code = await child.ended
  if (!stopping) process.stdout.write(`${child.name} has ended (exit code ${code}); ending the others too.\n`)
  return code === 0 ? 1 : code
}

/** The wish to end. npm does not pass signals on, so its own end counts as one. */
async function nextSignal(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(0))
  const parent = process.ppid
  if (process.env.npm_lifecycle_event !== undefined) {
    setInterval(() => {
      if (process.ppid !== parent) resolve(0)
    }, 500).unref()
  }
  return promise
}
