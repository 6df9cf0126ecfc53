// The windows of an app's page: a new URL, a pause, archiving. Each says what it touches before it does it.

import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { type App, useArchiveApp, useFunctions, usePauseApp, useRunCount } from '../../api/index.ts'
import { Button, Confirm, Dialog, ErrorView, Field, formatExact, RadioGroup, Select, toast } from '../../ui/index.ts'
import { messages as appsMessages } from '../apps/messages.ts'
import { messages } from './messages.ts'
import { UrlField, useUrlSync } from './url-sync.tsx'

export interface AppDialogProps {
  readonly app: App
  readonly onClose: () => void
}

/** Moves the app to another URL. */
export function EditUrl({ app, onClose }: AppDialogProps) {
  const t = messages.edit
  const sync = useUrlSync(app.id, app.latestSync?.url ?? '', ({ appId }) => {
    onClose()
    if (appId === app.id) return toast.success(t.done(app.id))
    toast.success(appsMessages.connect.done(appId), {
      detail: appsMessages.connect.other(app.id, appId),
      action: (
        <Link to="/apps/$appId" params={{ appId }} className="link">
          {appsMessages.connect.open}
        </Link>
      ),
    })
  })
  return (
    <Dialog
      title={t.title}
      description={t.text}
      onClose={onClose}
      onSubmit={sync.submit}
      footer={
        <Button type="submit" look="primary" keys="mod+enter" isBusy={sync.isPending}>
          {t.action}
        </Button>
      }
    >
      <UrlField sync={sync} />
    </Dialog>
  )
}

const LONG = ['', '15m', '1h', '8h', '24h'] as const

/** Lets all functions of the app rest. */
export function PauseApp({ app, onClose }: AppDialogProps) {
  const t = messages.pause
  const [fresh, setFresh] = useState<'skip' | 'hold'>('hold')
  const [running, setRunning] = useState<'hold' | 'finish' | 'cancel'>('hold')
  const [long, setLong] = useState<(typeof LONG)[number]>('')
  const pause = usePauseApp({
    meta: { isShown: true },
    onSuccess: () => {
      toast.success(t.done(app.id))
      onClose()
    },
  })
  const submit = () => pause.mutate({ appId: app.id, new: fresh, running, ...(long === '' ? {} : { for: long }) })
  return (
    <Dialog
      title={t.title}
      description={t.text(formatExact(app.functionCount ?? 0))}
      size="sm"
      onClose={onClose}
      onSubmit={submit}
      footer={
        <Button
          type="submit"
          look={running === 'cancel' ? 'danger' : 'primary'}
          keys="mod+enter"
          isBusy={pause.isPending}
        >
          {t.action}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={t.long}>
          {(control) => (
            <Select
              {...control}
              value={long}
              onChange={setLong}
              options={LONG.map((value) => ({ value, label: t.longChoices[value] }))}
            />
          )}
        </Field>
        <RadioGroup
          label={t.new}
          value={fresh}
          onChange={setFresh}
          options={(['hold', 'skip'] as const).map((value) => ({ value, ...t.newChoices[value] }))}
        />
        <RadioGroup
          label={t.running}
          value={running}
          onChange={setRunning}
          options={(['hold', 'finish', 'cancel'] as const).map((value) => ({ value, ...t.runningChoices[value] }))}
        />
        {pause.error !== null && <ErrorView error={pause.error} />}
      </div>
    </Dialog>
  )
}

const LIVE_MAX = 10_000

/** Takes the app out of use. */
export function ArchiveApp({ app, onClose }: AppDialogProps) {
  const t = messages.archive
  const navigate = useNavigate()
  const functions = useFunctions({ appId: app.id })
  const { data: live } = useRunCount({ appId: app.id, status: ['QUEUED', 'RUNNING'] }, LIVE_MAX)
  const archive = useArchiveApp({
    meta: { isShown: true },
    onSuccess: () => {
      toast.success(t.done(app.id))
      void navigate({ to: '/apps' })
    },
  })
  const count = app.functionCount ?? 0
  return (
    <Confirm
      title={messages.archive.title}
      action={t.action(app.id)}
      count={{ value: count, noun: t.noun(count) }}
      sample={functions.rows.slice(0, 10).map((fn) => <bdi key={fn.slug}>{fn.name}</bdi>)}
      isBusy={archive.isPending}
      error={archive.error}
      onClose={onClose}
      onConfirm={() => archive.mutate({ appId: app.id })}
    >
      <p>{t.text}</p>
      {live !== undefined && live.count > 0 && (
        <p>{t.live(formatExact(live.count) + (live.isCut ? '+' : ''), live.count === 1)}</p>
      )}
    </Confirm>
  )
}
