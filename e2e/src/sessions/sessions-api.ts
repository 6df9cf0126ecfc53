/**
 * Sessions by their API, for what the client package does not do on purpose: answers as they come, lists, two at once.
 */
import { Api } from '../harness/api.ts'
import type { Answer } from '../harness/http.ts'
import { at, type Fields, fields, list, text } from '../harness/shapes.ts'
import { type Patience, until } from '../harness/until.ts'

export class SessionsApi extends Api {
  /** Opens a session and gives it. */
  async open(session: Fields): Promise<Fields> {
    return this.data('/v2/sessions', session)
  }

  session(id: string): Promise<Fields> {
    return this.data(`/v2/sessions/${id}`)
  }

  /** Waits until a session is in a status. */
  sessionIn(id: string, status: string, patience: Patience = {}): Promise<Fields> {
    return until(
      `session ${id} to be ${status}`,
      async () => {
        const session = await this.session(id)
        return session.status === status && session
      },
      patience,
    )
  }

  append(id: string, body: Fields, headers: Record<string, string> = {}): Promise<Answer> {
    return this.exchange(`/v2/sessions/${id}/items`, { body, headers })
  }

  /** All items of a session, in order. */
  async items(id: string): Promise<readonly Fields[]> {
    const answer = await this.ask(`/v2/sessions/${id}/items?limit=100`)
    return list(at(answer, 'data') ?? []).map((item) => fields(item))
  }

  /** Asks an approval, or whatever else `request` says, and gives the ID of the request. */
  async request(id: string, request: Fields): Promise<string> {
    return text(
      (await this.data(`/v2/sessions/${id}/requests`, { kind: 'approval', prompt: 'Really?', ...request })).id,
    )
  }

  respond(id: string, answer: Fields): Promise<Answer> {
    return this.exchange(`/v2/requests/${id}/respond`, { body: answer })
  }

  readRequest(id: string): Promise<Fields> {
    return this.data(`/v2/requests/${id}`)
  }

  /** Requests that wait for a person. */
  async pending(): Promise<readonly Fields[]> {
    return list(at(await this.ask('/v2/requests?status=pending&limit=100'), 'data') ?? []).map((each) => fields(each))
  }

  /** Events of a name that speak of a session. */
  async told(name: string, sessionId: string): Promise<readonly Fields[]> {
    const filter = encodeURIComponent(`event.data.sessionId == '${sessionId}'`)
    return this.events(`include_internal=true&limit=50&name=${encodeURIComponent(name)}&query=${filter}`)
  }

  protected async data(path: string, body?: Fields): Promise<Fields> {
    return fields(at(await this.ask(path, body === undefined ? {} : { method: 'POST', body }), 'data'))
  }
}

export const RESOLVED = 'pawl/session.request.resolved'
