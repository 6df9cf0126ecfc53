// Hears every registration that reaches this server, so that a sync can tell whether the app it asked registered here
// or elsewhere. The registry cannot tell: a registration that changes nothing leaves no trace in it.
import type { Engine, SyncResult } from '@pawl/engine'
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

export class Registrations {
  readonly #open = new Set<Registration[]>()

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

  async #pass(engine: Pick<Engine, 'sync'>, request: RegisterRequest): Promise<SyncResult> {
    const result = await engine.sync(request)
    const { appName: name, url, functions } = request
    for (const heard of this.#open) heard.push({ ...result, name, url, functions: functions.length })
    return result
  }
}

/** SDKs may leave the query out of the URL they register; one that has it goes first, since it may tell apps apart. */
function findByUrl(heard: readonly Registration[], url: string): Registration | undefined {
  return (
    heard.findLast((each) => normalizeAppUrl(each.url) === normalizeAppUrl(url)) ??
    heard.findLast((each) => withoutQuery(each.url) === withoutQuery(url))
  )
}

function withoutQuery(url: string): string | undefined {
  return normalizeAppUrl(url)?.split('?', 1)[0]
}
