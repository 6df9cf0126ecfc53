// The servers of a world as its clients see them: an address behind which any server may answer.
import type { Engine } from '@pawl/engine'
import type { Random } from './random.ts'
import type { Reply, Server } from './server.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface ClusterWorld {
  readonly clock: VirtualClock
  readonly random: Random
  /** Probability that a request or its answer is lost. */
  readonly network: () => number
}

/** A client gives up after this time, in milliseconds. */
const CLIENT_MS = 10_000

export class Cluster {
  readonly servers: readonly Server[]
  readonly #world: ClusterWorld

  constructor(world: ClusterWorld, servers: readonly Server[]) {
    this.#world = world
    this.servers = servers
  }

  get isListening(): boolean {
    return this.servers.every((server) => server.isListening)
  }

  /** One of them, whatever it is doing. */
  any(): Server {
    return this.#world.random.pick(this.servers)
  }

  /** Sends a request over the network and waits for its answer, for a bounded time. */
  request<T>(handle: (engine: Engine) => Promise<T>): Promise<Reply<T>> {
    const { clock, random, network } = this.#world
    return new Promise((resolve) => {
      let isOver = false
      const answer = (reply: Reply<T>): void => {
        if (isOver) return
        isOver = true
        cancel()
        resolve(reply)
      }
      const cancel = clock.after(CLIENT_MS, () => answer({ kind: 'lost' }))
      this.#someone().carry(handle, answer)
      if (random.chance(network() / 3)) this.#someone().carry(handle, () => {})
    })
  }

  async end(): Promise<void> {
    for (const server of this.servers) await server.end()
  }

  /** One that listens, as a load balancer finds it most of the time. */
  #someone(): Server {
    const { random } = this.#world
    const listening = this.servers.filter((server) => server.isListening)
    return listening.length === 0 || random.chance(0.05) ? this.any() : random.pick(listening)
  }
}
