// The status of a job's run as an icon and a word.

import type { JobRun, JobStatus } from '../../api/index.ts'
import { Status, type StatusKind } from '../../ui/index.ts'
import { messages } from './messages.ts'

const KINDS: Record<JobStatus, StatusKind> = {
  queued: 'queued',
  running: 'running',
  success: 'completed',
  failure: 'failed',
  skipped: 'skipped',
}

export interface JobRunStatusProps {
  readonly status: JobStatus
  readonly look?: 'plain' | 'badge' | 'icon'
}

export function JobRunStatus({ status, look = 'plain' }: JobRunStatusProps) {
  return <Status kind={KINDS[status]} look={look} word={messages.statuses[status]} />
}

/** Why a run failed or a slot was skipped, in a line; empty for one that went well. */
export function outcomeText({ error, skipped }: Pick<JobRun, 'error' | 'skipped'>): string {
  if (skipped !== undefined) {
    const { overlap, missed } = messages.skippedReasons
    return skipped.reason === 'overlap' ? overlap : missed(skipped.slots)
  }
  return error === undefined ? '' : error.message
}
