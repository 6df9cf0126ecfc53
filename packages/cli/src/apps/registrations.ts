// Hears every registration that reaches this server, so that a sync can tell whether the app it asked registered here
// or elsewhere. The registry cannot tell: a registration that changes nothing leaves no trace in it. While an app is only
// tested, what it registers is taken aside.
import { randomUUID } from 'node:crypto'
import { appUuid, type Engine, type SyncResult } from '@pawl/engine'
import { normalizeAppUrl, type RegisterRequest } from '@pawl/protocol'

/** A registration that was accepted. */
export interface Registration extends SyncResult {
  readonly name: string
  readonly url: string
  readonly functions: number
}

/** What was registered since the call that made it. */
export interface Hearing {
  /** The last registration of the app at a serve URL; undefined when there was none. */
  of(url: string): Registration | undefined
  end(): void
}

/** Registrations of one app that are answered and go no further. */
export interface Diversion {
  readonly taken: readonly RegisterRequest[]
  readonly end: () => void
}

interface Diverting {
  readonly url: string
  readonly name: string
  readonly taken: RegisterRequest[]
}

export class Registrations {
  readonly #open = new Set<Registration[]>()
  readonly #diverting = new Set<Diverting>()

  /** The engine as the server gets it: the same one, overheard. */
  over<E extends Pick<Engine, 'sync'>>(engine: E): E {
    return { ...engine, sync: (request) => this.#pass(engine, request) }
  }

  /** Listens from now on until `end()`. */
  listen(): Hearing {
    const heard: Registration[] = []
    this.#open.add(heard)
    return { of: (url) => findByUrl(heard, url), end: () => void this.#open.delete(heard) }
  }

  /** From now on until `end()` takes aside what an app registers, known by its URL or its name. */
  divert({ url, name }: { readonly url: string; readonly name: string }): Diversion {
    const diverting: Diverting = { url, name, taken: [] }
    this.#diverting.add(diverting)
    return { taken: diverting.taken, end: () => void this.#diverting.delete(diverting) }
  }

  async #pass(engine: Pick<Engine, 'sync'>, request: RegisterRequest): Promise<SyncResult> {
    for (const diverting of this.#diverting) {
      if (diverting.name !== request.appName && findByUrl([request], diverting.url) === undefined) continue
      diverting.taken.push(request)
      return { modified: false, appId: appUuid(request.appName), syncId: randomUUID(), warnings: [] }
    }
    const result = await engine.sync(request)
    const { appName: name, url, functions } = request
    for (const heard of this.#open) heard.push({ ...result, name, url, functions: functions.length })
    return result
  }
}

/** SDKs may leave the query out of the URL they register; one that has it goes first, since it may tell apps apart. */
function findByUrl<T extends { readonly url: string }>(heard: readonly T[], url: string): T | undefined {
  return (
    heard.findLast((each) => normalizeAppUrl(each.url) === normalizeAppUrl(url)) ??
    heard.findLast((each) => withoutQuery(each.url) === withoutQuery(url))
  )
}

function withoutQuery(url: string): string | undefined {
  return normalizeAppUrl(url)?.split('?', 1)[0]
}
