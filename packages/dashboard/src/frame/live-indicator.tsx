// Says whether what is shown keeps up: live, paused, or reconnecting since when. A click pauses and resumes; while the
// connection is lost, it tries again at once.

import { live, useLive } from '../api/index.ts'
import { cx, Time, Tooltip, useCommands } from '../ui/index.ts'
import { messages } from './messages.ts'

const dots = {
  live: 'bg-completed-solid',
  connecting: 'bg-queued-solid',
  paused: 'bg-queued-solid',
  reconnecting: 'bg-paused-solid',
} as const

export function LiveIndicator() {
  const { state, lastGoodAt } = useLive()
  const t = messages.live
  const isPaused = state === 'paused'
  const action = isPaused ? t.resume : state === 'reconnecting' ? t.retry : t.pause
  const act = () => (state === 'reconnecting' ? live.retry() : live.toggle())
  useCommands([{ label: isPaused ? t.resume : t.pause, keys: 'p', group: messages.keys.global, run: live.toggle }])
  const isOld = state !== 'live' && lastGoodAt !== undefined
  return (
    <Tooltip content={`${isPaused ? t.hintPaused : state === 'live' ? t.hintLive : t[state]} ${action}.`} keys="p">
      <button
        type="button"
        onClick={act}
        aria-label={`${t[state]}. ${action}`}
        className={cx(
          'flex h-7 items-center gap-1.5 whitespace-nowrap rounded-md px-2 font-medium text-xs hover:bg-hover',
          state === 'reconnecting' ? 'bg-paused-bg text-paused-fg' : state === 'live' ? 'text-text' : 'text-muted',
        )}
      >
        <span aria-hidden className={cx('swatch size-2 rounded-full', dots[state])} />
        <span className="max-sm:sr-only">{t[state]}</span>
        {isOld && (
          <span className="font-normal max-sm:hidden">
            <Time at={lastGoodAt} look="clock" />
          </span>
        )}
      </button>
    </Tooltip>
  )
}
