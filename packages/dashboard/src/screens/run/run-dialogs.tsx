// The dialogs of a run's actions: rerun with an edited payload, rerun from a step, resume a wait, cancel.

import { useState } from 'react'
import {
  ApiError,
  PAYLOAD_BYTES,
  type RunAlone,
  useCancelRun,
  usePayload,
  useRerun,
  useResume,
  useSendSignal,
} from '../../api/index.ts'
import { Button, Confirm, Dialog, ErrorView, formatBytes, Notice, Skeleton, toast } from '../../ui/index.ts'
import { indented, JsonDialog } from './json-dialog.tsx'
import { messages } from './messages.ts'
import { RerunStarted } from './rerun-started.tsx'
import { isRest, type TreeNode } from './span-tree.ts'

/** What the server puts in the place of a hidden value. */
const MASK = '"•••"'
/** Payloads up to this many bytes are edited in the page. */
const EDIT_BYTES_MAX = PAYLOAD_BYTES * 4

interface DialogProps {
  readonly onClose: () => void
}

/** Says that a rerun was started, with a link to it, and closes. */
function useStarted(onClose: () => void) {
  return {
    meta: { isShown: true },
    onSuccess: ({ runId }: { readonly runId: string }) => {
      toast.success(messages.actions.rerunStarted, { action: <RerunStarted runId={runId} /> })
      onClose()
    },
  }
}

export function EditDialog({ run, onClose }: DialogProps & { readonly run: RunAlone }) {
  const t = messages.edit
  const [reveal, setReveal] = useState(false)
  const input = usePayload({ of: 'runs', id: run.id, part: 'input', bytes: EDIT_BYTES_MAX, reveal })
  const rerun = useRerun(useStarted(onClose))
  if (input.data === undefined || input.data.until < input.data.totalBytes) {
    return (
      <Dialog title={t.title} onClose={onClose} size="lg">
        {input.error !== null ? (
          <ErrorView error={input.error} onRetry={() => void input.refetch()} />
        ) : input.data === undefined ? (
          <Skeleton className="h-80 w-full" />
        ) : (
          <Notice tone="warn">{t.tooLarge(formatBytes(input.data.totalBytes))}</Notice>
        )}
      </Dialog>
    )
  }
  const events = eventsIn(input.data.text)
  const [first] = events
  return (
    <JsonDialog
      // A revealed payload is another text.
      key={input.data.isMasked ? 'masked' : 'whole'}
      title={t.title}
      description={t.description}
      label={t.label}
      action={t.action}
      initial={JSON.stringify(first?.data ?? {}, null, 2)}
      check={(value, text) => {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) return t.mustBeObject
        return input.data.isMasked && text.includes(MASK) ? t.maskedLeft : undefined
      }}
      notice={
        <>
          {events.length > 1 && <Notice>{t.batch(events.length)}</Notice>}
          {input.data.isMasked && (
            <Notice
              tone="warn"
              action={
                <Button size="sm" isBusy={input.isFetching} onClick={() => setReveal(true)}>
                  {t.reveal}
                </Button>
              }
            >
              {t.masked}
            </Notice>
          )}
        </>
      }
      onSubmit={(data) => rerun.mutate({ runId: run.id, data })}
      onClose={onClose}
      isBusy={rerun.isPending}
      error={rerun.error}
    />
  )
}

/** The events of a run's input. */
export function eventsIn(text: string): readonly { readonly name: string; readonly data: unknown }[] {
  try {
    const list: unknown = JSON.parse(text)
    return (Array.isArray(list) ? list : [list]).filter(
      (each): each is { readonly name: string; readonly data: unknown } =>
        typeof each === 'object' && each !== null && 'name' in each,
    )
  } catch {
    return []
  }
}

export function FromStepDialog({
  runId,
  node,
  onClose,
}: DialogProps & { readonly runId: string; readonly node: TreeNode }) {
  const t = messages.fromStep
  const span = node.span
  const input = usePayload(
    { of: 'runs', id: runId, part: `span/${span?.id ?? ''}/input`, bytes: EDIT_BYTES_MAX },
    isRest(node.op),
  )
  const rerun = useRerun(useStarted(onClose))
  const isTooLarge = input.data !== undefined && input.data.until < input.data.totalBytes
  // Arguments that cannot be shown whole are kept.
  if (isRest(node.op) || isTooLarge) {
    return (
      <Confirm
        title={t.title(node.name)}
        action={t.action}
        isDanger={false}
        isBusy={rerun.isPending}
        error={rerun.error}
        onClose={onClose}
        onConfirm={() => rerun.mutate({ runId, fromStep: { stepId: span?.stepId ?? node.name } })}
      >
        <p>{t.description}</p>
      </Confirm>
    )
  }
  const isAbsent = input.error instanceof ApiError && input.error.code === 'payload_not_found'
  if (input.data === undefined && !isAbsent) {
    return (
      <Dialog title={t.title(node.name)} onClose={onClose} size="lg">
        {input.error === null ? (
          <Skeleton className="h-80 w-full" />
        ) : (
          <ErrorView error={input.error} onRetry={() => void input.refetch()} />
        )}
      </Dialog>
    )
  }
  const stored = input.data === undefined ? '[]' : indented(input.data.text)
  return (
    <JsonDialog
      title={t.title(node.name)}
      description={t.description}
      label={t.label}
      action={t.action}
      initial={stored}
      check={(value, text) => {
        if (!Array.isArray(value)) return t.mustBeList
        // Unchanged, what is hidden is kept as it is stored.
        return input.data?.isMasked && text !== stored && text.includes(MASK) ? messages.edit.maskedLeft : undefined
      }}
      notice={<Notice>{input.data === undefined ? t.noInput : t.keep}</Notice>}
      onSubmit={(value) => {
        const isChanged = JSON.stringify(value) !== JSON.stringify(JSON.parse(stored))
        const isList = Array.isArray(value)
        rerun.mutate({
          runId,
          fromStep: { stepId: span?.stepId ?? node.name, ...(isChanged && isList ? { input: value } : {}) },
        })
      }}
      onClose={onClose}
      isBusy={rerun.isPending}
      error={rerun.error}
    />
  )
}

export function ResumeDialog({ node, onClose }: DialogProps & { readonly node: TreeNode }) {
  const t = messages.resume
  const done = {
    meta: { isShown: true },
    onSuccess: () => {
      toast.success(t.done)
      onClose()
    },
  }
  const resume = useResume(done)
  const signal = useSendSignal(done)
  const info = node.span?.stepInfo
  const name = String(info?.['eventName'] ?? '')
  const signalName = node.op === 'WAIT_FOR_SIGNAL' && typeof info?.['signal'] === 'string' ? info['signal'] : undefined
  const isSleep = node.op === 'SLEEP'
  const send = (data: unknown) => {
    if (signalName !== undefined) signal.mutate({ signal: signalName, data })
    else resume.mutate({ runId: node.runId, stepId: node.span?.stepId ?? '', data })
  }
  if (isSleep) {
    return (
      <Confirm
        title={t.title(node.name)}
        action={t.wakeAction}
        isDanger={false}
        isBusy={resume.isPending}
        error={resume.error}
        onClose={onClose}
        onConfirm={() => send(null)}
      >
        <p>{t.sleep}</p>
      </Confirm>
    )
  }
  return (
    <JsonDialog
      title={t.title(node.name)}
      description={signalName !== undefined ? t.signal(signalName) : node.op === 'INVOKE' ? t.invoke : t.event(name)}
      label={t.label}
      action={t.action}
      initial={'{}'}
      onSubmit={send}
      onClose={onClose}
      isBusy={resume.isPending || signal.isPending}
      error={resume.error ?? signal.error}
    />
  )
}

export function CancelDialog({ run, onClose }: DialogProps & { readonly run: RunAlone }) {
  const t = messages.cancel
  const cancel = useCancelRun({
    meta: { isShown: true },
    onSuccess: () => {
      toast.success(t.cancelled)
      onClose()
    },
  })
  const children = run.children?.length ?? 0
  return (
    <Confirm
      title={t.title}
      action={t.action}
      isBusy={cancel.isPending}
      error={cancel.error}
      onClose={onClose}
      onConfirm={() => cancel.mutate({ runId: run.id })}
    >
      <p>
        <span className="font-medium">{run.function.name}</span> <span className="mono text-muted">{run.id}</span>
      </p>
      <p>{t.text}</p>
      {children > 0 && <p>{t.children}</p>}
    </Confirm>
  )
}
