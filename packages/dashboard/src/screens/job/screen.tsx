// The page of an HTTP Job: how it fares, when it runs next, what it calls, and its runs; one of them open beside them.

import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { ApiError, type Job, useJob } from '../../api/index.ts'
import { Page } from '../../frame/index.ts'
import { Button, buttonClass, Empty, Loaded, Notice, Skeleton } from '../../ui/index.ts'
import { ListWithPanel } from '../runs/list-with-panel.tsx'
import { JobActions } from './job-actions.tsx'
import { JobFacts } from './job-facts.tsx'
import { JobFigures } from './job-figures.tsx'
import { JobRunPanel } from './job-run-panel.tsx'
import { JobRuns } from './job-runs.tsx'
import { messages } from './messages.ts'
import type { jobSearch } from './search.ts'
import { useJobSwitch } from './use-job-actions.tsx'

export type JobSearch = ReturnType<typeof jobSearch>
export type SetSearch = (part: { readonly [Name in keyof JobSearch]?: JobSearch[Name] | undefined }) => void

export function Screen() {
  const { jobId } = useParams({ from: '/jobs/$jobId' })
  const search = useSearch({ from: '/jobs/$jobId' })
  const navigate = useNavigate({ from: '/jobs/$jobId' })
  const job = useJob(jobId)
  const { data, error } = job
  const set: SetSearch = (part) => {
    const next = Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined)
    void navigate({ search: Object.fromEntries(next), replace: true, resetScroll: false })
  }
  const isAbsent = error instanceof ApiError && (error.status === 404 || error.status === 400)
  return (
    <Page
      title={data?.name ?? messages.title}
      trail={[
        <Link key="schedules" to="/schedules" className="quiet-link">
          {messages.schedules}
        </Link>,
      ]}
      actions={data !== undefined && <JobActions job={data} />}
      isFull
    >
      {isAbsent && data === undefined ? (
        <Absent id={jobId} />
      ) : (
        <div className={data === undefined ? 'p-4' : 'contents'}>
          <Loaded query={job} errorTitle={messages.notRead} skeleton={<JobSkeleton />}>
            {(shown) => <JobView job={shown} search={search} onSearch={set} />}
          </Loaded>
        </div>
      )}
    </Page>
  )
}

interface JobViewProps {
  readonly job: Job
  readonly search: JobSearch
  readonly onSearch: SetSearch
}

function JobView({ job, search, onSearch }: JobViewProps) {
  const panel =
    search.run === undefined ? undefined : (
      <JobRunPanel key={search.run} runId={search.run} onClose={() => onSearch({ run: undefined })} />
    )
  return (
    <ListWithPanel
      name="job"
      panel={panel}
      list={
        <div className="flex h-full min-h-0 flex-col overflow-y-auto">
          <div className="flex shrink-0 flex-col gap-4 p-4">
            {!job.enabled && <Off job={job} />}
            <JobFigures job={job} />
            <JobFacts job={job} />
          </div>
          <JobRuns job={job} search={search} onSearch={onSearch} />
        </div>
      }
    />
  )
}

function Off({ job }: { readonly job: Job }) {
  const { isBusy, set } = useJobSwitch()
  return (
    <Notice
      tone="warn"
      action={
        <Button size="sm" isBusy={isBusy} onClick={() => set(job, true)}>
          {messages.resume}
        </Button>
      }
    >
      {messages.pausedBanner}
    </Notice>
  )
}

function Absent({ id }: { readonly id: string }) {
  return (
    <Empty
      icon={SearchX}
      title={messages.absent}
      action={
        <Link to="/schedules" className={buttonClass()}>
          {messages.toSchedules}
        </Link>
      }
    >
      <p className="mono mb-1 break-all">{id}</p>
      {messages.absentText}
    </Empty>
  )
}

function JobSkeleton() {
  return (
    <div className="flex flex-col gap-4" aria-hidden>
      <Skeleton className="h-16 w-full" />
      <Skeleton className="h-28 w-full" />
      <Skeleton className="h-64 w-full" />
    </div>
  )
}
