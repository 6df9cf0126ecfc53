// The null app, a process of its own: bare node:http, functions registered by POST /fn/register, every answer prebuilt.
// With it the server is the bottleneck. It also makes the load, since it alone knows at once when its runs go on and end.

import { createServer, type ServerResponse } from 'node:http'
import { Caller } from '../../floor/caller.ts'
import { SDK_HEADERS } from './answers.ts'
import { type Command, type Reply, serveCommands, tellBench } from './messages.ts'
import { NULL_APP, NullCalls } from './null-calls.ts'
import { RunningFill, RunningLoad, resumeWaits } from './null-load.ts'

/** Enough for 64 calls that each post a checkpoint at the same time. */
const CONNECTIONS = 64

const calls = new NullCalls()
let registered: { server: Caller; url: string } | undefined

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
      return register(command.server)
    case 'load': {
      const load = new RunningLoad(server(), command.load)
      calls.observer = load
      return { is: 'loaded', result: await load.run() }
    }
    case 'fill': {
      const fill = new RunningFill(server(), command.fn, command.count)
      calls.observer = fill
      return { is: 'filled', ...(await fill.run(command.secondsMax)) }
    }
    case 'resume': {
      const observe = (observer: typeof calls.observer) => (calls.observer = observer)
      return { is: 'resumed', latency: await resumeWaits(server(), command.ids, observe) }
    }
    case 'collect':
      return { is: 'collected', collected: { starts: [], gaps: [] } }
  }
}

/** Registers with a server, which may be another one than before on the same port. */
async function register(url: string): Promise<Reply> {
  await registered?.server.close()
  registered = { server: new Caller(url, CONNECTIONS), url }
  calls.server = registered.server
  const answer = await registered.server.send('/fn/register', JSON.stringify(registration()))
  if (answer.status !== 200) throw new Error(`/fn/register answered ${answer.status}: ${answer.body}`)
  return { is: 'registered' }
}

/** A server that polls its apps with PUT gets a fresh registration, as from the SDK. */
function syncAgain(response: ServerResponse): void {
  const answered = registered?.server.send('/fn/register', JSON.stringify(registration()))
  void Promise.resolve(answered).then(() => {
    response.writeHead(200, [...SDK_HEADERS, 'x-inngest-sync-kind', 'out_of_band'])
    response.end('{"message":"Successfully registered","modified":false}')
  })
}

function registration(): Record<string, unknown> {
  const url = `http://127.0.0.1:${appPort()}/api/inngest`
  const functions = ['noop', 'ten', 'checkpointed', 'sleeper', 'waiter'].map((name) => {
    const id = `${NULL_APP}-${name}`
    const runtime = { type: 'http', url: `${url}?fnId=${id}&stepId=step` }
    return {
      id,
      name,
      triggers: [{ event: `bench/${name}` }],
      steps: { step: { id: 'step', name: 'step', runtime } },
    }
  })
  const capabilities = { trust_probe: 'v1', connect: 'v1' }
  return {
    url,
    deployType: 'ping',
    framework: 'nodejs',
    appName: NULL_APP,
    functions,
    sdk: 'js:v4.24.0',
    v: '0.1',
    capabilities,
  }
}

function server(): Caller {
  if (registered === undefined) throw new Error('the null app has not been registered')
  return registered.server
}

function appPort(): number {
  const address = app.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
