/**
 * The official SDKs behind one small face, so that a test is written once and runs on each of them unchanged.
 * The face only names what the SDKs already have: bodies get the SDK's own tools, and nothing stands in between.
 */
import type { RequestListener } from 'node:http'
import * as v4 from 'inngest'
import { serve as serveV4 } from 'inngest/node'
import * as v3 from 'inngest3'
import { serve as serveV3 } from 'inngest3/node'

/** An event as a function's body sees it. */
export interface SeenEvent {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
  readonly id?: string | undefined
  readonly ts?: number | undefined
  readonly v?: string | undefined
}

/** What a body may invoke: a function of its own app, or a reference made by `Sdk.reference`. */
export type Target = v3.InngestFunction.Any | v4.InngestFunction.Any | Reference
type Reference = ReturnType<typeof v3.referenceFunction> | ReturnType<typeof v4.referenceFunction>

/** The step tools that both SDK lines have, as wide as tests need them. */
export interface StepTools {
  run(id: string, body: (...input: unknown[]) => unknown, ...input: unknown[]): Promise<unknown>
  sleep(id: string, time: string | number): Promise<void>
  sleepUntil(id: string, time: Date | string): Promise<void>
  waitForEvent(
    id: string,
    options: { event: string; timeout: string | number; match: string } | { event: string; timeout: string | number; if?: string },
  ): Promise<unknown>
  waitForSignal(
    id: string,
    options: { signal: string; timeout: string | number; onConflict: 'replace' | 'fail' },
  ): Promise<{ signal: string; data: unknown } | null>
  sendSignal(id: string, options: { signal: string; data?: unknown }): Promise<unknown>
  sendEvent(id: string, events: { name: string; data?: Record<string, unknown>; id?: string }): Promise<{ ids: string[] }>
  fetch(url: string, init?: RequestInit): Promise<Response>
}

/** What a body is called with. */
export interface RunContext {
  readonly event: SeenEvent
  readonly events: readonly SeenEvent[]
  readonly step: StepTools
  readonly runId: string
  readonly attempt: number
}
