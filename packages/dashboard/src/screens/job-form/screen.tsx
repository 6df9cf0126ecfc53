// The form of a job on one page: a new one, a copy of another, or a change. A change is made on the version that was read;
// when somebody else was faster, what was typed stays and one decides.

import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError, type Job, useChangeJob, useCreateJob, useJob } from '../../api/index.ts'
import { JobLink, Page } from '../../frame/index.ts'
import { Button, Loaded, localZoneName, Notice, Skeleton, toast } from '../../ui/index.ts'
import { draftOf, type Faults, type JobDraft, newDraft, readDraft } from './job-draft.ts'
import { JobForm } from './job-form.tsx'
import { messages } from './messages.ts'

/** `/jobs/new`, with `?from=` a copy. */
export function NewScreen() {
  const { from } = useSearch({ from: '/jobs/new' })
  const job = useJob(from)
  return (
    <Page title={messages.newTitle} trail={[trail]}>
      {from === undefined ? (
        <New draft={newDraft(localZoneName())} />
      ) : (
        <Loaded query={job} errorTitle={messages.notRead} skeleton={<FormSkeleton />}>
          {(data) => <New key={data.id} draft={draftOf(data, { isCopy: true })} />}
        </Loaded>
      )}
    </Page>
  )
}

/** `/jobs/$jobId/edit`. */
export function EditScreen() {
  const { jobId } = useParams({ from: '/jobs/$jobId/edit' })
  const job = useJob(jobId)
  const [version, setVersion] = useState(0)
  const name = job.data?.name ?? ''
  return (
    <Page
      title={messages.editTitle(name)}
      trail={[
        trail,
        <JobLink key="job" id={jobId}>
          {name}
        </JobLink>,
      ]}
    >
      <Loaded query={job} errorTitle={messages.notRead} skeleton={<FormSkeleton />}>
        {(data) => (
          <Edit
            key={`${data.id} ${version}`}
            job={data}
            onReload={async () => {
              await job.refetch()
              setVersion(version + 1)
            }}
          />
        )}
      </Loaded>
    </Page>
  )
}

const trail = (
  <Link key="schedules" to="/schedules" className="quiet-link">
    {messages.schedules}
  </Link>
)

function New({ draft: first }: { readonly draft: JobDraft }) {
  const navigate = useNavigate()
  const [draft, setDraft] = useState(first)
  const [isTried, setIsTried] = useState(false)
  const create = useCreateJob({
    meta: { isShown: true },
    onSuccess: (job) => {
      toast.success(messages.created(job.name), {
        action: (
          <JobLink id={job.id} className="link">
            {messages.open}
          </JobLink>
        ),
      })
      void navigate({ to: '/jobs/$jobId', params: { jobId: job.id } })
    },
  })
  const { job, faults } = readDraft(draft)
  return (
    <JobForm
      draft={draft}
      onDraft={setDraft}
      faults={isTried ? faults : none}
      error={create.error}
      jobId={undefined}
      action={messages.create}
      isBusy={create.isPending}
      onCancel={() => void navigate({ to: '/schedules' })}
      onSubmit={() => {
        setIsTried(true)
        if (faults.size === 0) create.mutate(job)
        return faults
      }}
    />
  )
}

const none: Faults = new Map()

interface EditProps {
  readonly job: Job
  readonly onReload: () => Promise<void>
}

function Edit({ job: read, onReload }: EditProps) {
  const navigate = useNavigate()
  // What is told meanwhile must not change what is typed, nor the version that it is a change of.
  const [first] = useState(read)
  const [draft, setDraft] = useState(() => draftOf(first, { isCopy: false }))
  const [isTried, setIsTried] = useState(false)
  const change = useChangeJob({
    meta: { isShown: true },
    onSuccess: (job) => {
      toast.success(messages.saved(job.name))
      void navigate({ to: '/jobs/$jobId', params: { jobId: job.id } })
    },
  })
  const { job, faults } = readDraft(draft)
  const save = (version: string) => {
    setIsTried(true)
    // Not signed any more: null takes the stored secret away.
    const signing = draft.signing === 'none' && first.hasSigningSecret ? { signingSecret: null } : {}
    if (faults.size === 0) change.mutate({ jobId: first.id, change: { ...job, ...signing }, version })
    return faults
  }
  const { error } = change
  const isStale = error instanceof ApiError && error.status === 412
  return (
    <JobForm
      draft={draft}
      onDraft={setDraft}
      faults={isTried ? faults : none}
      error={isStale ? null : error}
      jobId={first.id}
      action={messages.save}
      isBusy={change.isPending}
      onCancel={() => void navigate({ to: '/jobs/$jobId', params: { jobId: first.id } })}
      onSubmit={() => save(first.updatedAt)}
      hasStoredSigning={first.hasSigningSecret ?? false}
      notice={
        isStale && (
          <Notice
            tone="warn"
            action={
              <span className="flex flex-wrap gap-2">
                <Button size="sm" onClick={() => void onReload()}>
                  {messages.loadNewest}
                </Button>
                <Button size="sm" look="danger" onClick={() => save('*')}>
                  {messages.overwrite}
                </Button>
              </span>
            }
          >
            {messages.changed}
          </Notice>
        )
      }
    />
  )
}

function FormSkeleton() {
  return (
    <div className="flex max-w-260 flex-col gap-4" aria-hidden>
      <Skeleton className="h-12 w-full" />
      <Skeleton className="h-48 w-full" />
      <Skeleton className="h-64 w-full" />
    </div>
  )
}
