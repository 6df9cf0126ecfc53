/**
 * A load balancer in front of the servers, as small as can be: every new connection goes to the next server in turn, and
 * to another one where the first refuses it. Apps and clients know its address only.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

interface Target {
  readonly port: number
}

export class Balancer {
  readonly url: string
  readonly #server: Server
  readonly #targets = new Set<Target>()
  readonly #connections = new Map<Socket, { readonly target: Target; readonly upstream: Socket }>()
  #turn = 0

  private constructor(server: Server, port: number) {
    this.#server = server
    this.url = `http://127.0.0.1:${port}`
    server.on('connection', (socket) => this.#accept(socket))
  }

  static async start(targets: readonly Target[]): Promise<Balancer> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const balancer = new Balancer(server, typeof address === 'object' && address !== null ? address.port : 0)
    for (const target of targets) balancer.add(target)
    return balancer
  }

  add(target: Target): void {
    this.#targets.add(target)
  }

  /** Sends nothing new there. `cut`: and gives up the connections that are open, as a health check would have it. */
  remove(target: Target, how: 'drain' | 'cut'): void {
    this.#targets.delete(target)
    if (how === 'drain') return
    for (const [socket, connection] of this.#connections) if (connection.target === target) socket.destroy()
  }

  async close(): Promise<void> {
    this.#server.close()
    for (const socket of this.#connections.keys()) socket.destroy()
    await once(this.#server, 'close')
  }

  #accept(socket: Socket): void {
    const targets = [...this.#targets]
    const first = this.#turn++
    this.#join(socket, [...targets.slice(first % targets.length), ...targets.slice(0, first % targets.length)])
  }

  #join(socket: Socket, [target, ...others]: readonly Target[]): void {
    if (target === undefined) {
      socket.destroy()
      return
    }
    const upstream = connect(target.port, '127.0.0.1')
    upstream.once('error', () => this.#join(socket, others))
    upstream.once('connect', () => {
      upstream.removeAllListeners('error')
      this.#connections.set(socket, { target, upstream })
      for (const each of [socket, upstream]) each.on('error', () => each.destroy())
      socket.on('close', () => {
        this.#connections.delete(socket)
        upstream.destroy()
      })
      upstream.on('close', () => socket.destroy())
      socket.pipe(upstream).pipe(socket)
    })
  }
}
