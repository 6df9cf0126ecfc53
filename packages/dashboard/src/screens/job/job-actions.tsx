// The buttons of a job's page. Deleting asks first, with what goes.

import { useNavigate } from '@tanstack/react-router'
import { CirclePause, CirclePlay, Copy, Ellipsis, Pencil, Play, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { type Job, useDeleteJob } from '../../api/index.ts'
import { Button, Confirm, formatExact, IconButton, Menu, toast, useCommands } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { useJobRunNow, useJobSwitch } from './use-job-actions.tsx'

export function JobActions({ job }: { readonly job: Job }) {
  const navigate = useNavigate()
  const [isAsking, setIsAsking] = useState(false)
  const now = useJobRunNow()
  const turn = useJobSwitch()
  const { id: jobId, enabled } = job
  const busy = job.liveRunId === undefined ? undefined : messages.runNowLive
  const word = enabled ? messages.pause : messages.resume
  const edit = () => void navigate({ to: '/jobs/$jobId/edit', params: { jobId } })
  const duplicate = () => void navigate({ to: '/jobs/new', search: { from: jobId } })
  const runNow = () => now.run(job)
  const turnIt = () => turn.set(job, !enabled)
  useCommands([
    { label: messages.runNow, keys: 'r', reason: busy, run: runNow },
    { label: word, run: turnIt },
    { label: messages.edit, run: edit },
    { label: messages.duplicate, run: duplicate },
    { label: messages.remove, run: () => setIsAsking(true) },
  ])
  return (
    <>
      <Button
        look="primary"
        icon={Play}
        keys="r"
        reason={busy}
        isBusy={now.isBusy}
        onClick={runNow}
        hint={messages.runNow}
      >
        {messages.runNow}
      </Button>
      <Button icon={enabled ? CirclePause : CirclePlay} isBusy={turn.isBusy} onClick={turnIt}>
        {word}
      </Button>
      <Button icon={Pencil} onClick={edit}>
        {messages.edit}
      </Button>
      <Menu
        trigger={<IconButton label={messages.more} icon={Ellipsis} />}
        items={[
          { label: messages.duplicate, icon: Copy, onSelect: duplicate },
          'separator',
          { label: messages.remove, icon: Trash2, isDanger: true, onSelect: () => setIsAsking(true) },
        ]}
      />
      {isAsking && <Remove job={job} onClose={() => setIsAsking(false)} />}
    </>
  )
}

function Remove({ job, onClose }: { readonly job: Job; readonly onClose: () => void }) {
  const navigate = useNavigate()
  const remove = useDeleteJob({
    meta: { isShown: true },
    onSuccess: () => {
      toast.success(messages.removed(job.name))
      void navigate({ to: '/schedules' })
    },
  })
  return (
    <Confirm
      title={messages.removeTitle}
      action={messages.removeAction}
      isBusy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate({ jobId: job.id })}
    >
      <p className="font-medium">{job.name}</p>
      <p>{messages.removeText}</p>
      <p className="text-muted tabular-nums">
        {formatExact(job.stats.totalRuns)} {messages.removeCount}
      </p>
    </Confirm>
  )
}
