// What can be done with a job, for its page and for its row in the list: run it now, turn it off and on.

import { type Job, useRunJob, useSwitchJob } from '../../api/index.ts'
import { JobLink } from '../../frame/index.ts'
import { Button, toast } from '../../ui/index.ts'
import { messages } from './messages.ts'

/** Calls a job now. */
export function useJobRunNow() {
  const run = useRunJob()
  return {
    isBusy: run.isPending,
    run: ({ id, name }: Pick<Job, 'id' | 'name'>) =>
      run.mutate(
        { jobId: id },
        {
          onSuccess: (made) =>
            toast.success(messages.started(name), {
              action: (
                <JobLink id={id} runId={made.id} className="link">
                  {messages.openRun}
                </JobLink>
              ),
            }),
        },
      ),
  }
}

/** Turns a job off or on; `onError` takes back what a switch showed in advance. */
export function useJobSwitch(onError?: () => void) {
  const turn = useSwitchJob(onError === undefined ? {} : { onError })
  const set = ({ id, name }: Pick<Job, 'id' | 'name'>, isOn: boolean) =>
    turn.mutate(
      { jobId: id, to: isOn ? 'resume' : 'pause' },
      {
        onSuccess: () =>
          isOn
            ? toast.success(messages.resumed(name), { detail: messages.resumedText })
            : toast.success(messages.paused(name), {
                detail: messages.pausedText,
                action: (
                  <Button size="sm" onClick={() => set({ id, name }, true)}>
                    {messages.resume}
                  </Button>
                ),
              }),
      },
    )
  return { isBusy: turn.isPending, set }
}
