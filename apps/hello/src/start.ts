// `npm start`: Pawl and the sample app, side by side, until Ctrl-C or until one of them ends. It says when both are
// connected and which line to try. Ports that are taken are replaced, since both programs are told what they get.
// HELLO_SERVER_PORT, HELLO_APP_PORT and HELLO_STATE_FOLDER say where to begin and where to keep the state.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from './child.ts'
import { freePort } from './free-port.ts'

const SERVER_PORT = portFrom('HELLO_SERVER_PORT', 8288)
const APP_PORT = portFrom('HELLO_APP_PORT', 3000)
/** Longest wait for the two to find each other. */
const CONNECT_MS = 30_000

const [serverPort, appPort] = [await freePort(SERVER_PORT), await freePort(APP_PORT)]
const serverUrl = `http://localhost:${serverPort}`
const appUrl = `http://localhost:${appPort}/api/inngest`
// A second copy beside the first one needs a state of its own.
const ownFolder = serverPort === SERVER_PORT ? '.pawl' : `.pawl/port-${serverPort}`
const folder = process.env.HELLO_STATE_FOLDER || ownFolder

const children = [
  startChild('pawl', [
    'packages/cli/src/main.ts',
    'dev',
    '--port',
    `${serverPort}`,
    '--sqlite-dir',
    folder,
    '--no-discovery',
    '--sdk-url',
    appUrl,
  ]),
  startChild('hello', ['apps/hello/src/server.ts'], { PORT: `${appPort}`, INNGEST_DEV: serverUrl }),
]

let stopping = false
const stopped = Promise.race([nextSignal(), ...children.map(endOf)])
const connected = await Promise.race([untilConnected(), stopped.then(() => false)])
if (connected) process.stdout.write(whatToTry())
process.exitCode = await stopped
stopping = true
await Promise.all(children.map((child) => child.end()))
process.exit()

function whatToTry(): string {
  return `
  Pawl runs at ${serverUrl}, the app at ${appUrl}. They are connected.
${serverPort === SERVER_PORT ? '' : `  (Port ${SERVER_PORT} is taken, so Pawl took ${serverPort}.)\n`}
  Start a function:

    curl ${serverUrl}/e/demo -d '{"name":"demo/hello","data":{"name":"Ada"}}'

  See what it did:

    curl '${serverUrl}/v2/runs?limit=5'

  Ctrl-C ends both.

`
}

function portFrom(name: string, usual: number): number {
  const text = process.env[name] || `${usual}`
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`${name} is ${text}; give a port from 1 to 65535.`)
}

/** True when the server knows the app's functions; false when that takes too long. */
async function untilConnected(): Promise<boolean> {
  const deadline = performance.now() + CONNECT_MS
  while (performance.now() < deadline) {
    if (await hasFunctions()) return true
    await sleep(50)
  }
  process.stdout.write('The app and the server did not find each other; the lines above say why.\n')
  return false
}

async function hasFunctions(): Promise<boolean> {
  try {
    const answer = await fetch(`${serverUrl}/v1/apps/hello/functions`, { signal: AbortSignal.timeout(1_000) })
    const functions: unknown = answer.ok ? await answer.json() : []
    return Array.isArray(functions) && functions.length > 0
  } catch {
    return false
  }
}

async function endOf(child: Child): Promise<number> {
  const code = await child.ended
  if (!stopping) process.stdout.write(`${child.name} has ended (exit code ${code}); ending the other one too.\n`)
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
