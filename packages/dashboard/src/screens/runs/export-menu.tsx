// Exports as a file: all runs that match, or the selected ones. The server writes the file while it reads; the page only
// starts the download.

import { Download } from 'lucide-react'
import { apiUrl, type RunFilter } from '../../api/index.ts'
import { Button, Menu, type MenuItem } from '../../ui/index.ts'
import { messages } from './messages.ts'

const t = messages.export
/** Ids travel in the address, whose length a server limits (16 kB). */
const IDS_MAX = 300

type Format = 'ndjson' | 'csv'

function startDownload(url: string) {
  const link = document.createElement('a')
  link.href = url
  link.download = ''
  link.click()
}

export interface ExportMenuProps {
  readonly filter: RunFilter
  /** These only; absent: all that match. */
  readonly ids?: ReadonlySet<string> | undefined
  /** How many, in words. */
  readonly count: string
}

export function ExportMenu({ filter, ids, count }: ExportMenuProps) {
  const reason = ids !== undefined && ids.size > IDS_MAX && t.tooMany(IDS_MAX)
  const save = (format: Format, includeOutput = false) => {
    const which = ids === undefined ? { ...filter } : { runId: [...ids] }
    startDownload(apiUrl('/v2/runs/export', { ...which, format, ...(includeOutput ? { includeOutput } : {}) }))
  }
  const items: readonly MenuItem[] = [
    { heading: ids === undefined ? t.all(count) : t.selected(count) },
    { label: t.csv, reason, onSelect: () => save('csv') },
    { label: t.ndjson, reason, onSelect: () => save('ndjson') },
    { label: t.withOutput, reason, onSelect: () => save('ndjson', true) },
  ]
  return (
    <Menu
      items={items}
      trigger={
        <Button icon={Download} look={ids === undefined ? 'quiet' : 'plain'}>
          <span className="max-[600px]:sr-only">{t.button}</span>
        </Button>
      }
    />
  )
}
