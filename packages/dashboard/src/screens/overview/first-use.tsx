// The way from a fresh server to the first run: four steps with commands to copy, each of which ticks itself off as soon
// as the server has seen it happen. It stays until one goes on, so that the last tick is seen.

import { Link } from '@tanstack/react-router'
import { Check, ChevronRight, Send } from 'lucide-react'
import { useId } from 'react'
import { type Overview, useFunctions, useInfo } from '../../api/index.ts'
import { openSend } from '../../frame/index.ts'
import { Button, buttonClass, CodeBlock, cx, Notice } from '../../ui/index.ts'
import { type FirstCommands, firstCommands } from './commands.ts'
import { messages } from './messages.ts'

const t = messages.first

export interface FirstUseProps {
  readonly seen: Overview['firstUse']
  /** The overview is wanted. */
  readonly onDone: () => void
}

export function FirstUse({ seen, onDone }: FirstUseProps) {
  const id = useId()
  const { data: info } = useInfo()
  const functions = useFunctions({}, { isOff: !seen.appConnected })
  const eventName = functions.rows
    .flatMap((fn) => fn.triggers ?? [])
    .find(({ type, value }) => type === 'EVENT' && !/[*]|^inngest\//.test(value))?.value
  const commands = firstCommands({
    mode: info?.mode ?? 'dev',
    eventUrl: info?.eventUrl ?? `${location.origin}/e/dev`,
    eventName,
  })
  const done = [true, seen.appConnected, seen.eventSent, seen.runSeen]
  const next = done.indexOf(false)
  return (
    <section aria-labelledby={id} className="mx-auto w-full max-w-170 py-4">
      <h2 id={id} className="font-semibold text-xl">
        {t.title}
      </h2>
      <p className="mt-1 text-muted">
        {t.hint} <span className="tabular-nums">{t.progress(done.filter(Boolean).length, done.length)}</span>
      </p>
      <ol aria-live="polite" className="mt-4 rounded-lg border border-border bg-raised">
        <Step number={1} title={t.server} isDone isNext={false}>
          <p className="text-muted">{info === undefined ? null : t.serverDone(info.version)}</p>
        </Step>
        <Step number={2} title={t.app} isDone={seen.appConnected} isNext={next === 1}>
          {seen.appConnected ? (
            <p className="text-muted">{t.appDone}</p>
          ) : (
            <Connect commands={commands} mode={info?.mode} />
          )}
        </Step>
        <Step number={3} title={t.event} isDone={seen.eventSent} isNext={next === 2}>
          {seen.eventSent ? (
            <p className="text-muted">{t.eventDone}</p>
          ) : (
            <div className="flex flex-col items-start gap-2">
              <p className="text-muted">{t.eventHint}</p>
              <div className="w-full">
                <CodeBlock code={commands.sendEvent} label={t.event} />
              </div>
              <Button icon={Send} keys="e" onClick={() => openSend(eventName === undefined ? {} : { name: eventName })}>
                {t.sendHere}
              </Button>
            </div>
          )}
        </Step>
        <Step number={4} title={t.run} isDone={seen.runSeen} isNext={next === 3}>
          <p className="text-muted">{seen.runSeen ? t.runDone : t.runHint}</p>
        </Step>
      </ol>
      {seen.runSeen && (
        <div className="mt-4">
          <Notice
            tone="good"
            action={
              <span className="flex gap-2">
                <Link to="/runs" className={buttonClass()}>
                  {t.openRuns}
                </Link>
                <Button look="primary" onClick={onDone}>
                  {t.toOverview}
                </Button>
              </span>
            }
          >
            {t.allDone}
          </Notice>
        </div>
      )}
    </section>
  )
}

interface ConnectProps {
  readonly commands: FirstCommands
  readonly mode: 'dev' | 'start' | undefined
}

function Connect({ commands, mode }: ConnectProps) {
  return (
    <div className="flex flex-col gap-2">
      <p className="text-muted">{mode === 'start' ? t.appHintStart : t.appHint}</p>
      <CodeBlock code={commands.startApp} label={t.startApp} />
      <p className="text-muted">{t.register}</p>
      <CodeBlock code={commands.register} label={t.register} />
      <details className="group">
        <summary className="flex min-h-6 cursor-pointer list-none items-center gap-1 rounded-sm font-medium text-accent-text">
          <ChevronRight size={14} aria-hidden className="group-open:rotate-90" />
          {t.sample}
        </summary>
        <div className="mt-2">
          <CodeBlock code={commands.sample} label={t.sample} />
        </div>
      </details>
    </div>
  )
}

interface StepProps {
  readonly number: number
  readonly title: string
  readonly isDone: boolean
  /** The first one that is not done. */
  readonly isNext: boolean
  readonly children: React.ReactNode
}

function Step({ number, title, isDone, isNext, children }: StepProps) {
  return (
    <li
      aria-current={isNext ? 'step' : undefined}
      className="flex gap-3 border-border border-b px-4 py-3 last:border-b-0"
    >
      <span
        aria-hidden
        className={cx(
          'mt-px inline-flex size-5 shrink-0 items-center justify-center rounded-full border font-semibold text-2xs tabular-nums',
          isDone && 'border-transparent bg-completed-bg text-completed-fg',
          !isDone && (isNext ? 'border-accent bg-accent text-accent-fg' : 'border-border-strong text-muted'),
        )}
      >
        {isDone ? <Check size={13} /> : number}
      </span>
      <div className="min-w-0 flex-1">
        <h3 className={cx('font-medium', !isDone && !isNext && 'text-muted')}>
          {title}
          <span className="sr-only">, {isDone ? t.done : t.open}</span>
        </h3>
        <div className="mt-1 text-sm">{children}</div>
      </div>
    </li>
  )
}
