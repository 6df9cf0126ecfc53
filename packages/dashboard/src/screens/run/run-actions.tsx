// What one can do with a run, as buttons, keys and palette entries at once. An action that may not be used now stays and
// says why.

import {
  ChevronDown,
  ChevronUp,
  Copy,
  Download,
  Ellipsis,
  Link2,
  Pencil,
  RotateCcw,
  SquareTerminal,
  X,
} from 'lucide-react'
import { useState } from 'react'
import { apiUrl, type RunAlone, readPayload, type Span, useInfo, useRerun } from '../../api/index.ts'
import { Button, type Command, copyText, download, IconButton, Menu, toast, useCommands } from '../../ui/index.ts'
import { exportRun } from './export-run.ts'
import { messages } from './messages.ts'
import { RerunStarted } from './rerun-started.tsx'
import { eventCommand, rerunCommand } from './run-command.ts'
import { CancelDialog, EditDialog, eventsIn } from './run-dialogs.tsx'
import type { Neighbours } from './use-neighbours.ts'

const t = messages.actions

export interface ActionsProps {
  readonly run: RunAlone
  readonly trace: Span | undefined
  /** Address of the page of this run. */
  readonly link: string
  readonly neighbours: Neighbours | undefined
  readonly onGo: (runId: string) => void
}

export function RunActions({ run, trace, link, neighbours, onGo }: ActionsProps) {
  const [dialog, setDialog] = useState<'edit' | 'cancel'>()
  const [isExporting, setIsExporting] = useState(false)
  const { data: info } = useInfo()
  const rerun = useRerun({
    onSuccess: ({ runId }) => toast.success(t.rerunStarted, { action: <RerunStarted runId={runId} /> }),
  })
  const command = { origin: location.origin + apiUrl(''), needsKey: (info?.signingKeys ?? 0) > 0 }
  const noEvent = (run.trigger.eventIds?.length ?? 0) === 0 && t.noEvent
  const isOver = run.endedAt !== undefined && t.ended
  const startRerun = () => rerun.mutate({ runId: run.id })
  const copyLink = () => void copyText(link).then((isDone) => isDone && toast.success(t.linkCopied))
  const copyCommand = (text: string) => void copyText(text).then((isDone) => isDone && toast.success(t.commandCopied))
  const copyEvent = async () => {
    try {
      const { text } = await readPayload({ of: 'runs', id: run.id, part: 'input', bytes: 1_048_576 })
      const [event] = eventsIn(text)
      if (event === undefined) toast.error(t.noEvent)
      else copyCommand(eventCommand(event, command))
    } catch (error) {
      toast.error(error)
    }
  }
  const exportIt = async () => {
    setIsExporting(true)
    try {
      const { text, isCut } = await exportRun(run, trace)
      download(text, `run-${run.id}.json`)
      toast.success(t.exported, isCut ? { detail: t.exportCut } : {})
    } catch (error) {
      toast.error(error)
    } finally {
      setIsExporting(false)
    }
  }
  const go = (to: string | undefined) => to !== undefined && onGo(to)
  const noNeighbour = (to: string | undefined) => to === undefined && (neighbours?.hasList ? t.noMoreInList : t.noList)
  const commands: readonly Command[] = [
    { label: t.rerun, keys: 'r', run: startRerun },
    { label: t.rerunEdited, keys: 'shift+r', reason: noEvent, run: () => setDialog('edit') },
    { label: t.cancel, keys: 'c', reason: isOver, run: () => setDialog('cancel') },
    { label: t.copyLink, keys: 'y', run: copyLink },
    { label: t.copyRerun, run: () => copyCommand(rerunCommand(run.id, command)) },
    { label: t.exportRun, run: () => void exportIt() },
    {
      label: t.previous,
      keys: '[',
      isOn: neighbours !== undefined,
      reason: noNeighbour(neighbours?.previous),
      run: () => go(neighbours?.previous),
    },
    {
      label: t.next,
      keys: ']',
      isOn: neighbours !== undefined,
      reason: noNeighbour(neighbours?.next),
      run: () => go(neighbours?.next),
    },
  ]
  useCommands(commands)
  return (
    <>
      {neighbours?.hasList && (
        <span className="inline-flex items-center">
          <IconButton
            label={t.previous}
            icon={ChevronUp}
            keys="["
            reason={noNeighbour(neighbours.previous)}
            onClick={() => go(neighbours.previous)}
          />
          <IconButton
            label={t.next}
            icon={ChevronDown}
            keys="]"
            reason={noNeighbour(neighbours.next)}
            onClick={() => go(neighbours.next)}
          />
        </span>
      )}
      <span className="inline-flex">
        <Button
          look="primary"
          icon={RotateCcw}
          keys="r"
          isBusy={rerun.isPending}
          onClick={startRerun}
          className="rounded-r-none"
        >
          {t.rerun}
        </Button>
        <Menu
          trigger={
            <Button
              look="primary"
              icon={ChevronDown}
              aria-label={t.moreOfRerun}
              className="rounded-l-none border-l border-l-accent-fg/30 px-1.5"
            />
          }
          items={[
            { label: t.rerunEdited, icon: Pencil, keys: 'shift+r', reason: noEvent, onSelect: () => setDialog('edit') },
          ]}
        />
      </span>
      {!isOver && (
        <Button look="danger" icon={X} keys="c" onClick={() => setDialog('cancel')}>
          {t.cancel}
        </Button>
      )}
      <IconButton look="plain" label={t.copyLink} icon={Link2} keys="y" onClick={copyLink} />
      <Menu
        trigger={<IconButton look="plain" label={t.more} icon={Ellipsis} isBusy={isExporting} />}
        items={[
          { label: t.copyRerun, icon: SquareTerminal, onSelect: () => copyCommand(rerunCommand(run.id, command)) },
          { label: t.copyEvent, icon: Copy, reason: noEvent, onSelect: () => void copyEvent() },
          { label: t.exportRun, icon: Download, onSelect: () => void exportIt() },
          'separator',
          { label: t.cancel, icon: X, keys: 'c', isDanger: true, reason: isOver, onSelect: () => setDialog('cancel') },
        ]}
      />
      {dialog === 'edit' && <EditDialog run={run} onClose={() => setDialog(undefined)} />}
      {dialog === 'cancel' && <CancelDialog run={run} onClose={() => setDialog(undefined)} />}
    </>
  )
}
