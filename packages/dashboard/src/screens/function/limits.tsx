// How full the limits are at this moment: taken, of how many, and how much waits in line.

import { type Fn, type LimitNow, useLimits } from '../../api/index.ts'
import { cx, Loaded, Panel, SkeletonRows } from '../../ui/index.ts'
import { configSentences, plainWords } from './config-words.ts'
import { messages } from './messages.ts'
import { Words } from './words.tsx'

const t = messages.limits

/** A limit as a bar; full ones stand out. */
export function LimitBar({ limit: { limit, held, waiting } }: { readonly limit: LimitNow }) {
  const share = limit === 0 ? 0 : Math.min(1, held / limit)
  const isFull = limit > 0 && held >= limit
  return (
    <div>
      <div aria-hidden className="h-1.5 overflow-hidden rounded-full bg-hover">
        <div
          className={cx('swatch h-full rounded-full', isFull ? 'bg-paused-solid' : 'bg-running-solid')}
          style={{ width: `${share * 100}%` }}
        />
      </div>
      <p className="mt-0.5 flex justify-between gap-2 text-muted text-xs tabular-nums">
        <span className={cx(isFull && 'font-medium text-paused-fg')}>{t.held(held, limit)}</span>
        <span className={cx(waiting > 0 && 'font-medium text-text')}>{t.waiting(waiting)}</span>
      </p>
    </div>
  )
}

/** All limits of a function. One with a key is many: it is named, and counted nowhere. */
export function Limits({ fn }: { readonly fn: Fn }) {
  const limits = useLimits(fn.app.id, fn.id)
  const rules = configSentences(fn).filter(({ path }) => /^(concurrency\[|throttle$)/.test(path))
  return (
    <Panel title={t.title} isFlush>
      {rules.length === 0 ? (
        <p className="px-3 py-3 text-muted">{t.none}</p>
      ) : (
        <Loaded query={limits} errorTitle={t.notRead} skeleton={<SkeletonRows count={1} height={56} />}>
          {(found) => (
            <ul>
              {rules.map(({ path, parts }) => {
                const limit = found.find(({ rule }) => rule === path)
                return (
                  <li key={path} className="border-border border-b px-3 py-2 last:border-b-0">
                    <p className="mb-1 text-xs" title={plainWords(parts)}>
                      <Words parts={parts} />
                    </p>
                    {limit === undefined ? <p className="text-muted text-xs">{t.keyed}</p> : <LimitBar limit={limit} />}
                  </li>
                )
              })}
            </ul>
          )}
        </Loaded>
      )}
    </Panel>
  )
}
