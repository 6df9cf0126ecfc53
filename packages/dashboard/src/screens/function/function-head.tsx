// What a function is, in one row, and what can be done with it.

import { Link, useNavigate } from '@tanstack/react-router'
import { CalendarClock, Ellipsis, Pause, Play, RotateCcw, Send, Square, Zap } from 'lucide-react'
import { type Fn, useUnpause } from '../../api/index.ts'
import { AppLink, FunctionLink, openSend } from '../../frame/index.ts'
import { Button, type Fact, Facts, IconButton, Menu, toast, useCommands } from '../../ui/index.ts'
import { FunctionState } from '../functions/function-columns.tsx'
import { messages } from './messages.ts'
import type { FunctionDialog } from './search.ts'
import { Code } from './words.tsx'

const t = messages.head
const a = messages.actions

export interface FunctionHeadProps {
  readonly fn: Fn
  readonly onDo: (dialog: FunctionDialog) => void
}

export function FunctionHead({ fn, onDo }: FunctionHeadProps) {
  const triggers = fn.triggers ?? []
  const facts: readonly (Fact | false)[] = [
    {
      label: t.state,
      value: <FunctionState state={fn.isArchived ? 'removed' : fn.isPaused ? 'paused' : 'active'} />,
    },
    { label: t.app, value: <AppLink appId={fn.app.id} className="link" /> },
    {
      label: t.triggers,
      value:
        triggers.length === 0 ? (
          t.onlyInvoked
        ) : (
          <span className="flex flex-wrap gap-x-3 gap-y-1">
            {triggers.map((trigger) => (
              <Trigger key={`${trigger.type} ${trigger.value} ${trigger.if ?? ''}`} {...trigger} />
            ))}
          </span>
        ),
    },
    fn.failureHandler !== undefined && {
      label: t.failureHandler,
      value: (
        <FunctionLink
          appId={fn.app.id}
          functionId={idOf(fn.failureHandler.slug, fn)}
          name={fn.failureHandler.name}
          className="link"
        />
      ),
    },
  ]
  return (
    <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-80">
        <Facts facts={facts} isInline />
      </div>
      <Actions fn={fn} onDo={onDo} />
    </div>
  )
}

/** Name of a function of the same app without the app's before it. */
function idOf(slug: string, { app }: Pick<Fn, 'app'>): string {
  return slug.startsWith(`${app.id}-`) ? slug.slice(app.id.length + 1) : slug
}

function Trigger({ type, value }: NonNullable<Fn['triggers']>[number]) {
  const Icon = type === 'CRON' ? CalendarClock : Zap
  const code = <Code>{value}</Code>
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5">
      <Icon size={13} aria-hidden className="shrink-0 text-muted" />
      {type === 'CRON' ? (
        code
      ) : (
        <Link to="/events" search={{ name: [value] }} className="quiet-link">
          {code}
        </Link>
      )}
    </span>
  )
}

function Actions({ fn, onDo }: FunctionHeadProps) {
  const navigate = useNavigate()
  const unpause = useUnpause({ onSuccess: () => toast.success(a.resumed) })
  const isOwnPause = fn.pause !== undefined && fn.pause.target !== 'app'
  const removed = fn.isArchived && a.removedReason
  const event = fn.triggers?.find(({ type }) => type === 'EVENT')?.value
  const resume = () => unpause.mutate({ appId: fn.app.id, functionId: fn.id })
  const showRuns = () => void navigate({ to: '/runs', search: { function: [fn.slug] } })
  const pauseReason = removed || (fn.isPaused && !isOwnPause && a.appPausedReason)
  useCommands([
    { label: a.run, run: () => onDo('run'), reason: removed },
    { label: a.pause, run: () => onDo('pause'), isOn: !fn.isPaused, reason: pauseReason },
    { label: a.resume, run: resume, isOn: isOwnPause },
    { label: a.cancelAll, run: () => onDo('cancel') },
    { label: a.replay, run: () => onDo('replay') },
    { label: a.showRuns, run: showRuns },
  ])
  return (
    <div className="flex shrink-0 items-center gap-1.5">
      <Button icon={Play} look={fn.isPaused ? 'plain' : 'primary'} reason={removed} onClick={() => onDo('run')}>
        {a.run}
      </Button>
      {isOwnPause ? (
        <Button icon={Play} look="primary" isBusy={unpause.isPending} onClick={resume}>
          {a.resume}
        </Button>
      ) : (
        <Button icon={Pause} reason={pauseReason} onClick={() => onDo('pause')}>
          {a.pause}
        </Button>
      )}
      <Menu
        trigger={<IconButton label={a.more} icon={Ellipsis} look="plain" />}
        items={[
          { label: a.replay, icon: RotateCcw, onSelect: () => onDo('replay') },
          ...(event === undefined
            ? []
            : [{ label: a.sendEvent, icon: Send, onSelect: () => openSend({ name: event }) }]),
          { label: a.showRuns, onSelect: showRuns },
          'separator',
          { label: a.cancelAll, icon: Square, isDanger: true, onSelect: () => onDo('cancel') },
        ]}
      />
    </div>
  )
}
