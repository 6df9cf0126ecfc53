/**
 * One HTTP exchange as a test wants to see it: status, headers, text, and the JSON when it is JSON.
 * Nothing is thrown for a status; what an answer must be is for the test to say.
 */
import { Agent, request } from 'node:http'

/** An answer, read whole. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The parsed body; `undefined` when it is no JSON. */
  readonly json: unknown
}

/** What is sent. An object as `body` goes out as JSON; text and bytes go out as they are. */
export interface Sending {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly timeoutMs?: number
}

// Connections are kept and bounded, so that a thousand polls do not use up the machine's ports.
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** Sends one request and reads the whole answer. Rejects when the connection fails or the time is up. */
export function exchange(url: string, sending: Sending = {}): Promise<Answer> {
  const { bytes, headers } = bodyOf(sending)
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { agent, method: sending.method ?? (bytes === undefined ? 'GET' : 'POST'), headers },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: answer.statusCode ?? 0, headers: flat(answer.headers), text, json: parsed(text) })
        })
      },
    )
    sent.setTimeout(sending.timeoutMs ?? 30_000, () => sent.destroy(new Error(`No answer from ${url} in time`)))
    sent.on('error', reject)
    sent.end(bytes)
  })
}

function bodyOf(sending: Sending): { bytes: string | Buffer | undefined; headers: Record<string, string> } {
  const headers: Record<string, string> = { ...sending.headers }
  const { body } = sending
  if (body === undefined) return { bytes: undefined, headers }
  const raw = typeof body === 'string' || Buffer.isBuffer(body)
  if (!raw) headers['content-type'] ??= 'application/json'
  return { bytes: raw ? body : JSON.stringify(body), headers }
}

function flat(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
