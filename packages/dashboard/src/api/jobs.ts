// HTTP Jobs: reads and actions. A change names the version it was made on, so that two people who edit one job do not undo
// each other unseen.

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { type ActionOptions, useAction } from './actions.ts'
import { apiPath, getData, getRows, patch, post, remove } from './client.ts'
import type { Job, JobHeader, JobPreview, JobRun, JobSchedule, JobStatus, JobTest, NewJob } from './jobs-types.ts'
import { useList } from './lists.ts'
import { queryKeys } from './query-keys.ts'

/** So many jobs are read without asking: the list is sorted and searched in the page. */
const JOBS_MAX = 1000

/** All jobs with their last runs; beyond the first thousand on demand. */
export function useJobs() {
  const list = useList<Job>({ key: queryKeys.jobs, path: '/v2/jobs', limit: 100 })
  const { rows, hasMore, isLoadingMore, error, loadMore } = list
  const isDue = hasMore && !isLoadingMore && error === null && rows.length < JOBS_MAX
  useEffect(() => {
    if (isDue) loadMore()
  }, [isDue, loadMore])
  return list
}

/** One job. */
export function useJob(id: string | undefined) {
  return useQuery({
    queryKey: queryKeys.job(id ?? ''),
    queryFn: ({ signal }) => getData<Job>(apiPath`/v2/jobs/${id ?? ''}`, {}, signal),
    enabled: id !== undefined,
  })
}

export interface JobRunFilter {
  readonly status?: readonly JobStatus[] | undefined
  readonly trigger?: JobRun['trigger'] | undefined
}

/** The runs of a job, the newest first. */
export function useJobRuns(jobId: string, filter: JobRunFilter) {
  return useList<JobRun>({
    key: queryKeys.jobRuns(jobId, filter),
    path: apiPath`/v2/jobs/${jobId}/runs`,
    params: { ...filter },
  })
}

/** One run of a job with the start of its answer. */
export function useJobRun(id: string | undefined) {
  return useQuery({
    queryKey: queryKeys.jobRun(id ?? ''),
    queryFn: ({ signal }) => getData<JobRun>(apiPath`/v2/job-runs/${id ?? ''}`, {}, signal),
    enabled: id !== undefined,
  })
}

export type PreviewAsk = Pick<JobSchedule, 'intervalMinutes'> & Partial<JobSchedule> & { readonly count?: number }

/** The next slots of a schedule; the old ones stay while those of a changed one are read. */
export function usePreview(schedule: PreviewAsk | undefined) {
  return useQuery({
    queryKey: queryKeys.preview(schedule ?? {}),
    queryFn: () => post<JobPreview>('/v2/jobs/preview', schedule),
    enabled: schedule !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
}

/** Names of the stored secrets, which URL, headers and body may use. */
export function useSecretNames() {
  return useQuery({
    queryKey: ['secrets'],
    queryFn: async ({ signal }) => (await getRows<{ readonly name: string }>('/v2/secrets', {}, signal)).rows,
    staleTime: 30_000,
  })
}

interface OfJob {
  readonly jobId: string
}

const ofJob = ({ jobId }: OfJob) => [queryKeys.jobs, queryKeys.job(jobId), ['job-runs', jobId]]

export function useCreateJob(options?: ActionOptions<Job, NewJob>) {
  return useAction(
    (ask: NewJob) => post<Job>('/v2/jobs', ask),
    () => [queryKeys.jobs],
    options,
  )
}

export interface JobChange extends OfJob {
  readonly change: Partial<Omit<NewJob, 'signingSecret'>> & { readonly signingSecret?: string | null }
  /** `updatedAt` of what was changed. */
  readonly version: string
}

export function useChangeJob(options?: ActionOptions<Job, JobChange>) {
  return useAction(
    ({ jobId, change, version }: JobChange) => patch<Job>(apiPath`/v2/jobs/${jobId}`, change, version),
    ofJob,
    options,
  )
}

export function useDeleteJob(options?: ActionOptions<void, OfJob>) {
  return useAction(
    ({ jobId }: OfJob) => remove(apiPath`/v2/jobs/${jobId}`),
    () => [queryKeys.jobs],
    options,
  )
}

export interface JobSwitch extends OfJob {
  readonly to: 'pause' | 'resume'
}

/** Off: no new slots; a call that is open finishes. On: from now. */
export function useSwitchJob(options?: ActionOptions<Job, JobSwitch>) {
  return useAction(({ jobId, to }: JobSwitch) => post<Job>(`${apiPath`/v2/jobs/${jobId}`}/${to}`), ofJob, options)
}

/** Calls it now, also while it is off. */
export function useRunJob(options?: ActionOptions<JobRun, OfJob>) {
  return useAction(({ jobId }: OfJob) => post<JobRun>(apiPath`/v2/jobs/${jobId}/run`), ofJob, options)
}

export interface TestAsk {
  readonly request: Omit<NewJob['request'], 'headers'> & { readonly headers?: readonly JobHeader[] }
  readonly timeoutSeconds?: number
  /** The job whose stored secrets fill those that were not typed. */
  readonly jobId?: string
}

/** Sends a request once and keeps nothing. */
export function useTestJob(options?: ActionOptions<JobTest, TestAsk>) {
  return useAction(
    (ask: TestAsk) => post<JobTest>('/v2/jobs/test', ask),
    () => [],
    options,
  )
}
