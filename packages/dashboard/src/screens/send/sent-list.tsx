// Payloads sent before, to be taken up again.

import { Star, Trash2 } from 'lucide-react'
import { IconButton, Time, usePreference } from '../../ui/index.ts'
import { messages } from './messages.ts'
import { inOrder, type SentPayload, sentPreference, withoutSent, withStarTurned } from './sent-payloads.ts'

export function SentList({ onUse }: { readonly onUse: (payload: SentPayload) => void }) {
  const [list, setList] = usePreference(sentPreference)
  const shown = inOrder(list)
  return (
    <section aria-label={messages.recent} className="flex min-w-0 flex-col gap-1">
      <h3 className="font-medium text-xs">{messages.recent}</h3>
      {shown.length === 0 && <p className="text-muted text-xs">{messages.noRecent}</p>}
      <ul className="flex max-h-80 flex-col overflow-y-auto">
        {shown.map((payload) => (
          <li
            key={`${payload.name} ${payload.dataText}`}
            className="flex items-center gap-0.5 rounded-md hover:bg-hover"
          >
            <button
              type="button"
              onClick={() => onUse(payload)}
              className="flex min-h-9 min-w-0 flex-1 flex-col justify-center px-2 py-1 text-left"
            >
              <span className="flex items-baseline gap-2">
                <bdi className="min-w-0 flex-1 truncate font-medium text-xs">{payload.name}</bdi>
                <span className="shrink-0 text-2xs text-muted">
                  <Time at={payload.at} />
                </span>
              </span>
              <span className="mono truncate text-2xs text-muted">{payload.dataText.replace(/\s+/g, ' ')}</span>
            </button>
            <IconButton
              size="sm"
              label={payload.isStarred ? messages.unstar(payload.name) : messages.star(payload.name)}
              icon={Star}
              className={payload.isStarred ? '[&_svg]:fill-current' : ''}
              isPressed={payload.isStarred ?? false}
              onClick={() => setList(withStarTurned(list, payload))}
            />
            <IconButton
              size="sm"
              label={messages.remove(payload.name)}
              icon={Trash2}
              onClick={() => setList(withoutSent(list, payload))}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}
