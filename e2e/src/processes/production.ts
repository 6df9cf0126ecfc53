/**
 * The keys of the production servers under test, and their HTTP API as somebody uses it who has them.
 */
import { Api } from '../harness/api.ts'
import type { Answer, Sending } from '../harness/http.ts'

/** The event key is the one that `Api` sends events with. */
export const EVENT_KEY = 'e2e'
export const SIGNING_KEY = 'signkey-prod-5cd0e3a9f1b24c7794d2a1908f6be0c3'

/** The API of production servers: every request bears the signing key, and goes where the balancer's next turn is. */
export class ProductionApi extends Api {
  override exchange(path: string, sending: Sending = {}): Promise<Answer> {
    const headers = { authorization: `Bearer ${SIGNING_KEY}`, connection: 'close', ...sending.headers }
    return super.exchange(path, { ...sending, headers })
  }
}
