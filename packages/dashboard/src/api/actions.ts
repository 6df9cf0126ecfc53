// Everything that changes something, as mutations. A change is shown when the server says so, never before; what it
// touched is read again here where no stream message is sure to come. Errors go to the view that asked (`error`) and,
// unless it sets `meta: { isShown: true }`, also to the page's toasts.

import { type QueryKey, type UseMutationOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { apiPath, post, remove } from './client.ts'
import { live } from './live.ts'
import { functionPath } from './queries.ts'
import { queryKeys } from './query-keys.ts'
import { session } from './session.ts'
import type { App, AppTest, Bulk, BulkAsk, BulkDry, Fn } from './types.ts'

/** What a view may add to an action: callbacks, and `meta: { isShown: true }` when it shows the error itself. */
export type ActionOptions<Result, Ask> = Omit<UseMutationOptions<Result, Error, Ask>, 'mutationFn'>

/** An action of the API, after which everything under the keys that it touches is read again. */
export function useAction<Result, Ask>(
  run: (ask: Ask) => Promise<Result>,
  touches: (ask: Ask) => readonly QueryKey[],
  options: ActionOptions<Result, Ask> = {},
) {
  const client = useQueryClient()
  return useMutation({
    ...options,
    mutationFn: run,
    onSuccess: (...all) => {
      for (const queryKey of touches(all[1])) void client.invalidateQueries({ queryKey })
      return options.onSuccess?.(...all)
    },
  })
}

interface OfRun {
  readonly runId: string
}

const ofRun = ({ runId }: OfRun) => [queryKeys.run(runId), queryKeys.trace(runId)]

export function useCancelRun(options?: ActionOptions<OfRun, OfRun>) {
  return useAction(({ runId }: OfRun) => post<OfRun>(apiPath`/v2/runs/${runId}/cancel`), ofRun, options)
}

export interface RerunAsk extends OfRun {
  readonly fromStep?: { readonly stepId: string; readonly input?: readonly unknown[] }
  /** Replaces the event's data. */
  readonly data?: unknown
}

export function useRerun(options?: ActionOptions<OfRun, RerunAsk>) {
  return useAction(
    ({ runId, ...body }: RerunAsk) => post<OfRun>(apiPath`/v2/runs/${runId}/rerun`, body),
    ofRun,
    options,
  )
}

export interface ResumeAsk extends OfRun {
  /** Hash of the step that waits. */
  readonly stepId: string
  readonly data: unknown
}

export function useResume(options?: ActionOptions<OfRun, ResumeAsk>) {
  return useAction(
    ({ runId, ...body }: ResumeAsk) => post<OfRun>(apiPath`/v2/runs/${runId}/resume`, body),
    ofRun,
    options,
  )
}

export interface SignalAsk {
  readonly signal: string
  readonly data: unknown
}

export function useSendSignal(options?: ActionOptions<{ readonly run_id: string }, SignalAsk>) {
  return useAction(
    (ask: SignalAsk) => post<{ readonly run_id: string }>('/v1/signals', ask),
    () => [],
    options,
  )
}

export interface EventAsk {
  readonly name: string
  readonly data: unknown
  readonly id?: string
  readonly ts?: number
}

interface OfEvent {
  readonly eventId: string
}

const ofEvents = () => [queryKeys.allEvents, queryKeys.eventNames]

export function useSendEvent(options?: ActionOptions<OfEvent, EventAsk>) {
  return useAction((ask: EventAsk) => post<OfEvent>('/v2/events', ask), ofEvents, options)
}

/** Sends the name and data of an event once more, as a new event. */
export function useResendEvent(options?: ActionOptions<OfEvent, OfEvent>) {
  return useAction(({ eventId }: OfEvent) => post<OfEvent>(apiPath`/v2/events/${eventId}/send`), ofEvents, options)
}

interface OfFunction {
  readonly appId: string
  readonly functionId: string
}

const ofFunction = ({ appId, functionId }: OfFunction) => [
  queryKeys.fn(appId, functionId),
  ['functions'],
  queryKeys.schedules,
  ['overview'],
]

export interface InvokeAsk extends OfFunction {
  readonly data?: unknown
}

/** Starts a run now. */
export function useInvoke(options?: ActionOptions<OfRun, InvokeAsk>) {
  return useAction(
    ({ appId, functionId, ...body }: InvokeAsk) => post<OfRun>(`${functionPath(appId, functionId)}/invoke`, body),
    () => [],
    options,
  )
}

export interface PauseAsk extends OfFunction {
  /** What becomes of new runs. */
  readonly new?: 'skip' | 'hold'
  /** What becomes of running ones: their later steps wait, they go on to their end, they are cancelled. */
  readonly running?: 'hold' | 'finish' | 'cancel'
  /** RFC 3339. */
  readonly until?: string
  /** A duration, such as `1h`. */
  readonly for?: string
}

export function usePause(options?: ActionOptions<Fn, PauseAsk>) {
  return useAction(
    ({ appId, functionId, ...body }: PauseAsk) => post<Fn>(`${functionPath(appId, functionId)}/pause`, body),
    ofFunction,
    options,
  )
}

export function useUnpause(options?: ActionOptions<Fn, OfFunction>) {
  return useAction(
    ({ appId, functionId }: OfFunction) => post<Fn>(`${functionPath(appId, functionId)}/unpause`),
    ofFunction,
    options,
  )
}

interface OfApp {
  readonly appId: string
}

export interface SyncAsk extends OfApp {
  readonly url?: string
}

export interface SyncAnswer {
  readonly id?: string
  readonly status: string
  readonly appId: string
  readonly error?: { readonly code: string; readonly message: string }
}

const ofApp = ({ appId }: OfApp) => [queryKeys.app(appId), ['apps'], ['functions']]

/** Asks an app for its functions. */
export function useSyncApp(options?: ActionOptions<SyncAnswer, SyncAsk>) {
  return useAction(
    ({ appId, ...body }: SyncAsk) => post<SyncAnswer>(apiPath`/v2/apps/${appId}/syncs`, body),
    ofApp,
    options,
  )
}

export type PauseAppAsk = OfApp & Omit<PauseAsk, keyof OfFunction>

const ofAppAndSchedules = (ask: OfApp) => [...ofApp(ask), ['function'], queryKeys.schedules, ['overview']]

/** Lets all functions of an app rest. */
export function usePauseApp(options?: ActionOptions<App, PauseAppAsk>) {
  return useAction(
    ({ appId, ...body }: PauseAppAsk) => post<App>(apiPath`/v2/apps/${appId}/pause`, body),
    ofAppAndSchedules,
    options,
  )
}

export function useUnpauseApp(options?: ActionOptions<App, OfApp>) {
  return useAction(({ appId }: OfApp) => post<App>(apiPath`/v2/apps/${appId}/unpause`), ofAppAndSchedules, options)
}

/** Calls an app's address and tells where it fails and how it differs from what is registered. */
export function useTestApp(options?: ActionOptions<AppTest, SyncAsk>) {
  return useAction(
    ({ appId, ...body }: SyncAsk) => post<AppTest>(apiPath`/v2/apps/${appId}/test`, body),
    () => [],
    options,
  )
}

export function useArchiveApp(options?: ActionOptions<void, OfApp>) {
  return useAction(({ appId }: OfApp) => remove(apiPath`/v2/apps/${appId}`), ofApp, options)
}

/** Counts and samples what a bulk operation would touch. */
export function useBulkDry(options?: ActionOptions<BulkDry, BulkAsk>) {
  return useAction(
    (ask: BulkAsk) => post<BulkDry>('/v2/bulk-operations', { ...ask, dryRun: true }),
    () => [],
    options,
  )
}

export function useStartBulk(options?: ActionOptions<Bulk, BulkAsk>) {
  return useAction(
    (ask: BulkAsk) => post<Bulk>('/v2/bulk-operations', ask),
    () => [queryKeys.bulks],
    options,
  )
}

export interface BulkStep {
  readonly id: string
  readonly action: 'pause' | 'resume' | 'stop'
}

export function useBulkAction(options?: ActionOptions<Bulk, BulkStep>) {
  return useAction(
    ({ id, action }: BulkStep) => post<Bulk>(`${apiPath`/v2/bulk-operations/${id}`}/${action}`),
    ({ id }) => [queryKeys.bulks, queryKeys.bulk(id)],
    options,
  )
}

/** Exchanges a signing key for a session; everything on the page is asked again. */
export function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (key: string) => post<unknown>('/v2/sign-in', { key }),
    meta: { isShown: true },
    onSuccess: () => {
      session.done()
      live.retry()
      void client.invalidateQueries()
    },
  })
}

export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => post<unknown>('/v2/sign-out'),
    onSuccess: () => {
      client.clear()
      session.ask()
    },
  })
}
