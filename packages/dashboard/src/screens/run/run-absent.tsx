// In place of a run that is not there: its id, whether retention removed it and when, a way back.

import { Link } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { useInfo } from '../../api/index.ts'
import { buttonClass, Empty, serverNow, Time } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { whyAbsent } from './run-id.ts'

const t = messages.absent

export function RunAbsent({ runId }: { readonly runId: string }) {
  const { data: info } = useInfo()
  const absence = whyAbsent(runId, serverNow(), info?.retentionDays)
  return (
    <Empty
      title={t.title}
      icon={SearchX}
      action={
        <Link to="/runs" className={buttonClass()}>
          {t.toRuns}
        </Link>
      }
    >
      <p className="mono mb-1 break-all">{runId}</p>
      {absence.kind === 'malformed' && <p>{t.malformed}</p>}
      {absence.kind === 'unknown' && (
        <p>
          {t.unknown}
          <Time at={absence.madeAt} look="date" />
          {t.unknownEnd}
        </p>
      )}
      {absence.kind === 'expired' && (
        <p>
          {t.expired(info?.retentionDays ?? 0)}
          <Time at={absence.madeAt} look="date" />
          {t.expiredEnd}
        </p>
      )}
    </Empty>
  )
}
