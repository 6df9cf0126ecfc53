/**
 * The trading agent's world: the server, the news site, the broker and the agent, each a process of its own; the agent may be
 * killed and started again on its port. What was bought is asked of the broker, never of the agent.
 */
import { join } from 'node:path'
import { syncApp } from '../harness/app.ts'
import { exchange } from '../harness/http.ts'
import { repositoryRoot } from '../harness/paths.ts'
import { freePort } from '../harness/port.ts'
import { type Child, startChild } from '../harness/process.ts'
import type { PawlServer } from '../harness/server.ts'
import { at, list } from '../harness/shapes.ts'
import { until } from '../harness/until.ts'

const TOKEN = 'a-token-of-the-agent'
const SOURCES = join(repositoryRoot, 'apps', 'trading-agent', 'src')

/** A process of the world at its address. */
interface Place {
  readonly url: string
  child: Child
}

export class TradingWorld {
  readonly #server: PawlServer
  readonly #news: Place
  readonly #broker: Place
  readonly #agentPort: number
  #agent: Child | undefined

  private constructor(server: PawlServer, places: { readonly news: Place; readonly broker: Place }, agentPort: number) {
    this.#server = server
    this.#news = places.news
    this.#broker = places.broker
    this.#agentPort = agentPort
  }

  static async start(server: PawlServer): Promise<TradingWorld> {
    const news = await startSite('news.ts')
    const broker = await startSite('broker.ts')
    const world = new TradingWorld(server, { news, broker }, await freePort())
    await world.startAgent()
    await syncApp(`${world.agentUrl}/api/inngest`)
    return world
  }

  get agentUrl(): string {
    return `http://127.0.0.1:${this.#agentPort}`
  }

  /** The request of the job that calls the agent. */
  jobRequest(body: object): object {
    return {
      url: `${this.agentUrl}/agents/trading-bot/execute`,
      method: 'POST',
      headers: [{ name: 'Authorization', value: `Bearer ${TOKEN}` }],
      body,
    }
  }

  async startAgent(): Promise<void> {
    const child = startChild(join(SOURCES, 'server.ts'), {
      env: {
        PORT: String(this.#agentPort),
        INNGEST_DEV: this.#server.url,
        PAWL_URL: this.#server.url,
        NEWS_URL: this.#news.url,
        BROKER_URL: this.#broker.url,
        AGENT_TOKEN: TOKEN,
      },
    })
    this.#agent = child
    await isUp(`${this.agentUrl}/healthz`, child)
  }

  async killAgent(): Promise<void> {
    await this.#agent?.end('SIGKILL')
  }

  /** What the agent wrote in its present life. */
  agentSaid(): string {
    return this.#agent?.output() ?? ''
  }

  /** What the news site says from now on; undefined: its usual day. */
  scriptNews(script: object | undefined): Promise<unknown> {
    return script === undefined
      ? exchange(`${this.#news.url}/__reset`, { method: 'POST', body: {} })
      : exchange(`${this.#news.url}/__script`, { body: script })
  }

  scriptBroker(script: object): Promise<unknown> {
    return exchange(`${this.#broker.url}/__script`, { body: script })
  }

  /** What the broker was asked to buy, as it came: each request, also repeated ones. */
  async ordersSent(): Promise<readonly unknown[]> {
    const log = list((await exchange(`${this.#broker.url}/__log`)).json)
    return log.filter((asked) => at(asked, 'method') === 'POST').map((asked) => at(asked, 'body'))
  }

  /** What it has bought. */
  async orders(): Promise<readonly unknown[]> {
    const held = list(at((await exchange(`${this.#broker.url}/orders`)).json, 'orders'))
    return held.map((each) => at(each, 'order'))
  }

  /** An empty broker and the usual news. */
  async reset(): Promise<void> {
    await this.scriptNews(undefined)
    await exchange(`${this.#broker.url}/__reset`, { method: 'POST', body: {} })
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent, this.#news.child, this.#broker.child].map((child) => child?.end('SIGKILL')))
  }
}

async function startSite(file: string): Promise<Place> {
  const port = await freePort()
  const child = startChild(join(SOURCES, 'fakes', file), { env: { PORT: String(port) } })
  const url = `http://127.0.0.1:${port}`
  await isUp(`${url}/__log`, child)
  return { url, child }
}

function isUp(url: string, child: Child): Promise<unknown> {
  return until(`${url} to answer`, async () => (await exchange(url, { timeoutMs: 1_000 })).status === 200, {
    onGivingUp: () => child.output(),
  })
}
