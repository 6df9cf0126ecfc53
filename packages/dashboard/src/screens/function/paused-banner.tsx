// Says without being asked that a function is paused: since when, by whom, until when, and what that means for its runs. To
// resume it is the first of its actions.

import { Pause } from 'lucide-react'
import type { Fn } from '../../api/index.ts'
import { AppLink } from '../../frame/index.ts'
import { buttonClass, Time } from '../../ui/index.ts'
import { messages } from './messages.ts'

const t = messages.paused

export function PausedBanner({ fn }: { readonly fn: Fn }) {
  const { pause } = fn
  if (pause === undefined) return null
  const isOfApp = pause.target === 'app'
  return (
    <section
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-paused-solid bg-paused-bg px-3 py-2"
    >
      <Pause size={16} aria-hidden className="shrink-0 text-paused-fg" />
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-medium text-paused-fg">
          {isOfApp ? t.app : t.function}
          <Time at={pause.since} look="date" />
          {pause.by !== '' && `${t.by}${pause.by}`}
          {pause.until ? (
            <>
              {t.until}
              <Time at={pause.until} look="date" /> (<Time at={pause.until} />)
            </>
          ) : (
            t.untilResumed
          )}
          .
        </p>
        <p>
          {t.new[pause.new]} {t.running[pause.running]}
        </p>
      </div>
      {isOfApp && (
        <AppLink appId={fn.app.id} className={buttonClass()}>
          {t.showApp}
        </AppLink>
      )}
    </section>
  )
}
