// The server's real mode: DEV in amber, or in production the name under which it is reached. Its details list which keys
// are set, the database in use and the version.

import { useInfo } from '../api/index.ts'
import { Duration, Facts, Popover, Time } from '../ui/index.ts'
import { messages } from './messages.ts'

export function ModeBadge() {
  const { data } = useInfo()
  if (data === undefined) return null
  const t = messages.mode
  const isDev = data.mode === 'dev'
  return (
    <Popover
      label={t.label(t.modeName[data.mode])}
      align="end"
      className="w-72 p-3"
      trigger={
        <button
          type="button"
          title={`${t.modeName[data.mode]} · ${t.databases[data.database]} · ${data.version}`}
          className={
            isDev
              ? 'inline-flex h-6 items-center rounded-md bg-paused-bg px-2 font-semibold text-2xs text-paused-fg hover:underline'
              : 'inline-flex h-6 max-w-44 items-center truncate rounded-md px-2 text-muted text-xs hover:bg-hover max-sm:hidden'
          }
        >
          {isDev ? t.dev : location.host}
        </button>
      }
    >
      <Facts
        facts={[
          { label: t.mode, value: t.modeName[data.mode] },
          { label: t.version, value: <span className="mono">{data.version}</span> },
          { label: t.database, value: t.databases[data.database] },
          { label: t.eventKeys, value: data.eventKeys || t.none },
          { label: t.signingKeys, value: data.signingKeys || t.none },
          { label: t.calls, value: t.callsOf(data.callsOpen, data.callsMax) },
          { label: t.started, value: <Time at={data.startedAt} /> },
          { label: t.retention, value: t.days(data.retentionDays) },
          data.clockOffsetMs !== undefined && { label: t.clock, value: <Duration ms={data.clockOffsetMs} /> },
        ]}
      />
    </Popover>
  )
}
