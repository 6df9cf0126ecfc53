// A list with the panel of its open row: beside it, or in its place where the page is narrow.

import { SplitPane } from '../../ui/index.ts'
import { useNarrow } from './use-narrow.ts'

export interface ListWithPanelProps {
  /** Under which the panels' share is remembered. */
  readonly name: string
  readonly list: React.ReactNode
  readonly panel: React.ReactNode | undefined
}

export function ListWithPanel({ name, list, panel }: ListWithPanelProps) {
  const isNarrow = useNarrow()
  if (isNarrow && panel !== undefined) return <div className="min-h-0 flex-1">{panel}</div>
  return (
    <SplitPane
      name={name}
      share={0.55}
      least={320}
      stackBelow={640}
      className="min-h-0 flex-1"
      first={list}
      second={panel}
    />
  )
}
