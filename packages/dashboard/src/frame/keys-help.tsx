// The list of keys of the page that is shown, and the switch that turns single letters off. It lists what is bound at
// this moment, so that it cannot say what is not so.

import { useSyncExternalStore } from 'react'
import { Dialog, Kbd, keys, lettersPreference, Switch, usePreference } from '../ui/index.ts'
import { messages } from './messages.ts'

interface Line {
  readonly keys: string
  readonly label: string
}

export function KeysHelp({ onClose }: { readonly onClose: () => void }) {
  const bindings = useSyncExternalStore(keys.subscribe, keys.list)
  const [areOn, setAreOn] = usePreference(lettersPreference)
  const t = messages.keys
  const groups = new Map<string, Line[]>()
  const known = new Set<string>()
  for (const binding of bindings) {
    if (known.has(binding.keys)) continue
    known.add(binding.keys)
    groups.set(binding.group, [...(groups.get(binding.group) ?? []), binding])
  }
  groups.set(t.fixed, [
    { keys: 'mod+enter', label: t.submit },
    { keys: 'escape', label: t.close },
  ])
  return (
    <Dialog title={t.title} description={t.hint} onClose={onClose} size="lg">
      <div className="mb-4">
        <Switch label={t.letters} isOn={areOn} onChange={setAreOn} />
      </div>
      <div className="columns-1 gap-8 sm:columns-2">
        {[...groups].map(([group, lines]) => (
          <section key={group} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 font-medium text-muted text-xs">{group}</h3>
            <dl>
              {lines.map((line) => (
                <div key={line.keys} className="flex items-center justify-between gap-4 border-border border-b py-1">
                  <dt>{line.label}</dt>
                  <dd>
                    <Kbd keys={line.keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
