// The null app, a process of its own: bare node:http, functions registered by POST /fn/register, every answer prebuilt.
// With it the server is the bottleneck. It also makes the load, since it alone knows at once when its runs go on and end.

import { createServer, type ServerResponse } from 'node:http'
import { monotonicMs } from '../stand/clock.ts'
import { SDK_HEADERS } from './answers.ts'
import { FanLoad } from './fan-load.ts'
import { KeyLoad, postEvents } from './key-load.ts'
import { type Command, type Reply, serveCommands, tellBench } from './messages.ts'
import { NullCalls } from './null-calls.ts'
import { NULL_APP, registeredFunctions } from './null-functions.ts'
import { RunningFill, RunningLoad, resumeWaits } from './null-load.ts'
import { Ring } from './ring.ts'

/** Enough for 64 calls that each post a checkpoint at the same time. */
const CONNECTIONS = 64

const calls = new NullCalls()
let registered: { servers: Ring; first: Ring } | undefined

const app = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = ((chunks.length === 1 ? chunks[0] : undefined) ?? Buffer.concat(chunks)).toString()
    if (request.method === 'POST') calls.handle(request, body, response)
    else syncAgain(response)
  })
})

app.listen(0, '127.0.0.1', () => {
  serveCommands(handle)
  tellBench({ is: 'ready', port: appPort() })
})

async function handle(command: Command): Promise<Reply> {
  switch (command.do) {
    case 'register':
      return register(command.servers)
    case 'hold':
      calls.holds.set(command.fn, command.ms)
      return { is: 'held' }
    case 'load': {
      const load = new RunningLoad(servers(), command.load)
      calls.observer = load
      return { is: 'loaded', result: await load.run() }
    }
    case 'fan': {
      const load = new FanLoad(servers(), command.fn)
      calls.observer = load
      return { is: 'fanned', times: await load.run(command.seconds) }
    }
    case 'keys': {
      const load = new KeyLoad(command)
      calls.observer = load
      return { is: 'keyed', waits: await load.run(servers()) }
    }
    case 'post': {
      const startedAt = monotonicMs()
      await postEvents(servers(), command.fn, Array(command.count).fill('{}'))
      return { is: 'posted', elapsedMs: monotonicMs() - startedAt }
    }
    case 'fill': {
      const fill = new RunningFill(servers(), command.fn, command.count)
      calls.observer = fill
      return { is: 'filled', ...(await fill.run(command.secondsMax)) }
    }
    case 'resume': {
      const observe = (observer: typeof calls.observer) => (calls.observer = observer)
      return { is: 'resumed', latency: await resumeWaits(servers(), command.ids, observe) }
    }
    default:
      throw new Error(`the null app does nothing for "${command.do}"`)
  }
}

/** Registers with servers that share a store, which may be others than before on the same ports. */
async function register(urls: readonly string[]): Promise<Reply> {
  await registered?.servers.close()
  await registered?.first.close()
  const first = new Ring(urls.slice(0, 1), 1)
  registered = { servers: new Ring(urls, CONNECTIONS), first }
  calls.servers = registered.servers
  calls.holds.clear()
  const answer = await first.send('/fn/register', JSON.stringify(registration()))
  if (answer.status !== 200) throw new Error(`/fn/register answered ${answer.status}: ${answer.body}`)
  return { is: 'registered' }
}

/** A server that polls its apps with PUT gets a fresh registration, as from the SDK. */
function syncAgain(response: ServerResponse): void {
  const answered = registered?.first.send('/fn/register', JSON.stringify(registration()))
  void Promise.resolve(answered).then(() => {
    response.writeHead(200, [...SDK_HEADERS, 'x-inngest-sync-kind', 'out_of_band'])
    response.end('{"message":"Successfully registered","modified":false}')
  })
}

function registration(): Record<string, unknown> {
  const url = `http://127.0.0.1:${appPort()}/api/inngest`
  return {
    url,
    deployType: 'ping',
    framework: 'nodejs',
    appName: NULL_APP,
    functions: registeredFunctions(url),
    sdk: 'js:v4.24.0',
    v: '0.1',
    capabilities: { trust_probe: 'v1', connect: 'v1' },
  }
}

function servers(): Ring {
  if (registered === undefined) throw new Error('the null app has not been registered')
  return registered.servers
}

function appPort(): number {
  const address = app.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
