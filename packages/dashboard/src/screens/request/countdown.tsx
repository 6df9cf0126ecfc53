// How long a question is open still; it ticks by the shared clock of the page, in the last hour by seconds.

import { Clock } from 'lucide-react'
import type { Request } from '../../api/index.ts'
import { cx, formatExactTime, serverNow, Tooltip, useNowEvery, useZone } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { leftOf } from './request-state.ts'

export function Countdown({ request }: { readonly request: Pick<Request, 'expiresAt'> }) {
  const zone = useZone()
  const first = leftOf(request, serverNow())
  useNowEvery(first.isShort ? 1000 : 30_000)
  const { text, isUrgent } = leftOf(request, serverNow())
  return (
    <Tooltip content={`${messages.deadline} ${formatExactTime(Date.parse(request.expiresAt), zone)}`}>
      <span
        className={cx(
          'inline-flex items-center gap-1 whitespace-nowrap align-middle tabular-nums',
          isUrgent && 'font-medium text-failed-fg',
        )}
      >
        <Clock size={13} aria-hidden />
        {text === '' ? messages.expiring : messages.expiresIn(text)}
      </span>
    </Tooltip>
  )
}
