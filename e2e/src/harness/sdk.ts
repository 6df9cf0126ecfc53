/**
 * The official SDKs behind one small face, so that a test is written once and runs on each of them unchanged.
 * The face only names what the SDKs already have: bodies get the SDK's own tools, and nothing stands in between.
 */
import './one-process.ts'
import type { RequestListener } from 'node:http'
import * as v4 from 'inngest'
import { serve as serveV4 } from 'inngest/node'
import * as v3 from 'inngest3'
import { serve as serveV3 } from 'inngest3/node'
import type { FunctionSpec, Target } from './function-spec.ts'
import { stampV3, stampV4 } from './middleware.ts'

/** What an app is made of. */
export interface AppOptions {
  /** The app's ID, also the first part of its event names. */
  readonly id: string
  /** Origin of the server. */
  readonly server: string
  /** Whether the client carries the middleware of `middleware.ts`. */
  readonly middleware?: boolean
  /** What the client sends its own requests with; the global `fetch` by default. */
  readonly fetch?: typeof fetch
}

/** What the definition of an app's functions may use. */
export interface Kit {
  readonly sdk: Sdk
  readonly app: string
  /** Adds a function to the app. Returns what `step.invoke` takes. */
  define(spec: FunctionSpec): Target
  /** The full name of one of this app's events. */
  event(name: string): string
  /** A function known by its names only, as one in another app is. */
  reference(app: string, functionId: string): Target
  nonRetriable(message: string): Error
  /** An error that asks for the next attempt after `after`, as `ms` text or milliseconds. */
  retryAfter(message: string, after: string | number): Error
}

/** An app's functions, ready to be served. */
export interface Built {
  readonly listener: RequestListener
  /** Sends events with the SDK's own client. */
  send(event: { name: string; data?: Record<string, unknown>; id?: string }): Promise<{ ids: string[] }>
}

/** One SDK in one configuration. */
export interface Sdk {
  /** Short name, usable in IDs. */
  readonly slug: string
  readonly title: string
  readonly line: 3 | 4
  /** Steps in a row are reported while the call goes on. */
  readonly checkpoints: boolean
  build(options: AppOptions, define: (kit: Kit) => void): Built
}

/** A logger that says nothing: what bodies throw in these tests is expected. */
export const SILENT = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }

const sdkV3: Sdk = {
  slug: 'v3',
  title: 'SDK 3.54.2',
  line: 3,
  checkpoints: false,
  build(options, define) {
    const client = new v3.Inngest({
      ...clientOptions(options),
      ...(options.middleware ? { middleware: [stampV3] } : {}),
    })
    const functions: v3.InngestFunction.Any[] = []
    define({
      ...names(options, this),
      define: ({ triggers, run, ...rest }) => {
        const made = client.createFunction(rest, [...triggers], run)
        functions.push(made)
        return made
      },
      reference: (appId, functionId) => v3.referenceFunction({ appId, functionId }),
      nonRetriable: (message) => new v3.NonRetriableError(message),
      retryAfter: (message, after) => new v3.RetryAfterError(message, after),
    })
    return { listener: serveV3({ client, functions }), send: (event) => client.send(event) }
  },
}

function sdkV4(variant: Pick<Sdk, 'slug' | 'title' | 'checkpoints'>): Sdk {
  return {
    ...variant,
    line: 4,
    build(options, define) {
      const client = new v4.Inngest({
        ...clientOptions(options),
        ...(variant.checkpoints ? {} : { checkpointing: false }),
        ...(options.middleware ? { middleware: [stampV4] } : {}),
      })
      const functions: v4.InngestFunction.Any[] = []
      define({
        ...names(options, this),
        define: ({ triggers, run, ...rest }) => {
          const made = client.createFunction({ ...rest, triggers: [...triggers] }, run)
          functions.push(made)
          return made
        },
        reference: (appId, functionId) => v4.referenceFunction({ appId, functionId }),
        nonRetriable: (message) => new v4.NonRetriableError(message),
        retryAfter: (message, after) => new v4.RetryAfterError(message, after),
      })
      return { listener: serveV4({ client, functions }), send: (event) => client.send(event) }
    },
  }
}

/** The SDKs that every suite runs on. */
export const SDKS: readonly Sdk[] = [
  sdkV3,
  sdkV4({ slug: 'v4', title: 'SDK 4.24.0', checkpoints: true }),
  sdkV4({ slug: 'v4-plain', title: 'SDK 4.24.0 without checkpointing', checkpoints: false }),
]

function clientOptions({ id, server, fetch }: AppOptions) {
  return { id, baseUrl: server, isDev: true, eventKey: 'e2e', logger: SILENT, ...(fetch ? { fetch } : {}) }
}

function names(options: AppOptions, sdk: Sdk): Pick<Kit, 'sdk' | 'app' | 'event'> {
  return { sdk, app: options.id, event: (name) => `${options.id}/${name}` }
}
