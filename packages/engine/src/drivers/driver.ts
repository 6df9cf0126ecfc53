// How an app is called, and how the server makes a step's own HTTP call. Two interfaces, so that the engine knows neither
// sockets nor addresses, and the simulator can stand in for the network.
import type { RawAnswer } from '@pawl/protocol'

/** One Call Request, ready to send. */
export interface CallRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Why no answer came. `unreachable`, `reset` and `timeout` are failures of transport: the app may be down, its circuit
 * counts them. The others are answers of a kind.
 */
export type LostReason =
  | 'unreachable'
  | 'reset'
  | 'timeout'
  | 'too_large'
  | 'bad_response'
  | 'redirect_refused'
  | 'blocked'

/** What failed before a request could be sent: the name, the connection, or its encryption. */
export type ReachFault = 'dns' | 'connect' | 'tls'

export type CallResult =
  | { readonly kind: 'answer'; readonly raw: RawAnswer }
  | { readonly kind: 'lost'; readonly reason: LostReason; readonly message: string }

export interface Driver {
  /** Sends the request and waits for the whole answer. Never rejects. */
  call(request: CallRequest): Promise<CallResult>
  /** Drops all connections; calls that are open are lost. */
  close(): Promise<void>
}

/** The request of a `Gateway` or `AIGateway` step. */
export interface GatewayRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** First byte and whole answer, redirects counted in; two hours when absent. */
  readonly timeoutMs?: number | undefined
  /** Bytes of the answer's body that are read; 4 MiB when absent. */
  readonly bodyBytesMax?: number | undefined
  /** A longer body is cut off there and the connection dropped; else such an answer is lost. */
  readonly cutsBody?: boolean | undefined
}

export type GatewayResult =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
      /** Of the body as it came, as far as it was read. */
      readonly bodyBytes?: number | undefined
    }
  | {
      readonly kind: 'lost'
      readonly reason: LostReason
      readonly message: string
      readonly fault?: ReachFault | undefined
    }

export interface Gateway {
  /** Makes the call under the outbound policy. Never rejects. */
  fetch(request: GatewayRequest): Promise<GatewayResult>
  /** Drops all connections; requests that are open are lost. */
  close?(): Promise<void>
}
