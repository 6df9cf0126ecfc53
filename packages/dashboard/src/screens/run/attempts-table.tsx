// The attempts of a step side by side: each keeps its own times, length and error.

import { usePayload } from '../../api/index.ts'
import { Duration, Status, statusOf, Time } from '../../ui/index.ts'
import { readError } from './error-hints.ts'
import { messages } from './messages.ts'
import type { TreeNode } from './span-tree.ts'

const t = messages.inspector

export function AttemptsTable({ node, onOpen }: { readonly node: TreeNode; readonly onOpen: (id: string) => void }) {
  const tries = node.children.filter((child) => child.kind === 'attempt')
  const shown = tries.length === 0 ? [node] : tries
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-left">
        <thead>
          <tr className="border-border border-b text-muted text-xs">
            <th scope="col" className="py-1 pr-3 font-medium">
              {t.attempt}
            </th>
            <th scope="col" className="py-1 pr-3 font-medium">
              {t.status}
            </th>
            <th scope="col" className="py-1 pr-3 font-medium">
              {t.started}
            </th>
            <th scope="col" className="py-1 pr-3 text-right font-medium">
              {t.queue}
            </th>
            <th scope="col" className="py-1 text-right font-medium">
              {t.app}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((attempt, index) => (
            <AttemptRows
              key={attempt.id}
              attempt={attempt}
              number={(attempt.span?.attempts ?? index) + 1}
              before={shown[index - 1]}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowsProps {
  readonly attempt: TreeNode
  readonly number: number
  readonly before: TreeNode | undefined
  readonly onOpen: (id: string) => void
}

function AttemptRows({ attempt, number, before, onOpen }: RowsProps) {
  const isFailed = attempt.status === 'FAILED'
  return (
    <>
      <tr className={isFailed ? '' : 'border-border border-b last:border-b-0'}>
        <th scope="row" className="py-1.5 pr-3 font-normal tabular-nums">
          {number}
        </th>
        <td className="py-1.5 pr-3">
          <Status kind={statusOf(attempt.status)} />
        </td>
        <td className="py-1.5 pr-3">
          <Time at={attempt.startedAt} look="clock" />
        </td>
        <td className="py-1.5 pr-3 text-right">
          <Duration ms={waited(attempt, before)} />
        </td>
        <td className="py-1.5 text-right">
          <Duration ms={attempt.durationMs} />
        </td>
      </tr>
      {isFailed && (
        <tr className="border-border border-b last:border-b-0">
          <td />
          <td colSpan={4} className="pb-2">
            <ErrorLine attempt={attempt} onOpen={() => onOpen(attempt.id)} />
          </td>
        </tr>
      )}
    </>
  )
}

/** Queue of the first, back-off of the others. */
function waited(attempt: TreeNode, before: TreeNode | undefined): number | undefined {
  if (attempt.startedAt === undefined) return undefined
  return Math.max(0, attempt.startedAt - (before?.endedAt ?? attempt.queuedAt))
}

/** Bytes of an error that its first line needs. */
const LINE_BYTES = 8192

function ErrorLine({ attempt, onOpen }: { readonly attempt: TreeNode; readonly onOpen: () => void }) {
  const { data } = usePayload({
    of: 'runs',
    id: attempt.runId,
    part: `span/${attempt.span?.id ?? ''}/output`,
    bytes: LINE_BYTES,
  })
  const facts = data === undefined ? undefined : readError(data.text)
  return (
    <button type="button" onClick={onOpen} className="link line-clamp-2 text-left">
      {facts?.message ?? facts?.name ?? messages.why.showError}
    </button>
  )
}
