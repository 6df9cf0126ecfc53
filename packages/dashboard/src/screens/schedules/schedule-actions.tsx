// What can be done to a schedule in its row: on, off, and a run now. Off pauses the function, since a cron is a trigger of
// one, or the job; runs under way go on. The switch shows what was asked until the server says what is.

import { Link } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useInvoke, usePause, useUnpause } from '../../api/index.ts'
import { JobLink, RunLink } from '../../frame/index.ts'
import { Button, IconButton, Switch, Tooltip, toast } from '../../ui/index.ts'
import { useJobRunNow, useJobSwitch } from '../job/use-job-actions.tsx'
import { messages } from './messages.ts'
import type { CronOf, JobOf, ScheduleRow } from './schedule-row.ts'

interface RowOf<Of> {
  readonly row: ScheduleRow & { readonly of: Of }
}

function isCron(row: ScheduleRow): row is ScheduleRow & { readonly of: CronOf } {
  return row.of.kind === 'CRON'
}

function isJob(row: ScheduleRow): row is ScheduleRow & { readonly of: JobOf } {
  return row.of.kind === 'JOB'
}

/** The switch of a row. */
export function ScheduleSwitch({ row }: { readonly row: ScheduleRow }) {
  if (isJob(row)) return <JobSwitch row={row} />
  return isCron(row) ? <CronSwitch row={row} /> : null
}

function JobSwitch({ row: { of, name, isOn } }: RowOf<JobOf>) {
  const [wanted, setWanted] = useState<boolean>()
  const { set } = useJobSwitch(() => setWanted(undefined))
  useEffect(() => {
    if (wanted === isOn) setWanted(undefined)
  }, [wanted, isOn])
  return (
    <Tooltip content={messages.jobSwitchHint}>
      <span className="inline-flex">
        <Switch
          label={messages.switch(name)}
          isLabelHidden
          isOn={wanted ?? isOn}
          onChange={(next) => {
            setWanted(next)
            set({ id: of.jobId, name }, next)
          }}
        />
      </span>
    </Tooltip>
  )
}

function CronSwitch({ row }: RowOf<CronOf>) {
  const { of, name, isOn } = row
  const [wanted, setWanted] = useState<boolean>()
  const forget = { onError: () => setWanted(undefined) }
  const pause = usePause(forget)
  const unpause = useUnpause(forget)
  useEffect(() => {
    if (wanted === isOn) setWanted(undefined)
  }, [wanted, isOn])
  const target = { appId: of.appId, functionId: of.functionId }
  const turnOn = () => {
    setWanted(true)
    unpause.mutate(target, { onSuccess: () => toast.success(messages.resumed(name)) })
  }
  const turnOff = () => {
    setWanted(false)
    pause.mutate(
      { ...target, new: 'skip', running: 'finish' },
      {
        onSuccess: () =>
          toast.success(messages.paused(name), {
            detail: messages.pausedText,
            action: (
              <Button size="sm" onClick={turnOn}>
                {messages.undo}
              </Button>
            ),
          }),
      },
    )
  }
  const reason = row.pause?.target === 'app' ? messages.appPaused : undefined
  return (
    <Tooltip content={reason ?? messages.switchHint}>
      <span className="inline-flex">
        <Switch
          label={messages.switch(name)}
          isLabelHidden
          isOn={wanted ?? isOn}
          onChange={(next) => (next ? turnOn() : turnOff())}
          {...(reason === undefined ? {} : { reason })}
        />
      </span>
    </Tooltip>
  )
}

/** Starts a run of a row's function, or calls its job. */
export function useRunNow(row: ScheduleRow | undefined) {
  const invoke = useInvoke()
  const job = useJobRunNow()
  return {
    isBusy: invoke.isPending || job.isBusy,
    run() {
      if (row === undefined) return
      const { of, name } = row
      if (of.kind === 'JOB') return job.run({ id: of.jobId, name })
      invoke.mutate(
        { appId: of.appId, functionId: of.functionId },
        {
          onSuccess: ({ runId }) =>
            toast.success(messages.started(name), {
              action: (
                <RunLink id={runId} className="link">
                  {messages.openRun}
                </RunLink>
              ),
            }),
        },
      )
    },
  }
}

/** The button of a row. */
export function RunNow({ row }: { readonly row: ScheduleRow }) {
  const { isBusy, run } = useRunNow(row)
  return (
    <IconButton
      label={messages.runNowOf(row.name)}
      hint={messages.runNow}
      icon={Play}
      size="sm"
      reason={row.of.kind === 'JOB' && row.of.isLive && messages.jobLive}
      isBusy={isBusy}
      onClick={run}
    />
  )
}

/** The row's name, leading to the page of what it stands for. */
export function ScheduleLink({ row, className }: { readonly row: ScheduleRow; readonly className?: string }) {
  if (row.of.kind === 'JOB') {
    return (
      <JobLink id={row.of.jobId} className={className ?? 'quiet-link font-medium'}>
        <bdi>{row.name}</bdi>
      </JobLink>
    )
  }
  const { appId, functionId } = row.of
  return (
    <Link
      to="/functions/$appId/$functionId"
      params={{ appId, functionId }}
      className={className ?? 'quiet-link font-medium'}
    >
      <bdi>{row.name}</bdi>
    </Link>
  )
}
