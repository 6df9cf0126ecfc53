// 'Connect an app': the URL of one that runs, and below it the lines for one that does not exist yet. When it fails, the
// cause stands where it was asked for.

import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { prefix, useInfo } from '../../api/index.ts'
import { Button, CodeBlock, Dialog, Tabs, toast } from '../../ui/index.ts'
import { NEW_APP, UrlField, useUrlSync } from '../app/url-sync.tsx'
import { connectLines, type Language } from './connect-lines.ts'
import { messages } from './messages.ts'

const t = messages.connect
const LANGUAGES = ['typescript', 'python', 'go'] as const

/** Mounted means open. */
export function ConnectDialog({ onClose }: { readonly onClose: () => void }) {
  const sync = useUrlSync(NEW_APP, '', ({ appId }) => {
    toast.success(t.done(appId), {
      action: (
        <Link to="/apps/$appId" params={{ appId }} className="link">
          {t.open}
        </Link>
      ),
    })
    onClose()
  })
  return (
    <Dialog title={t.title} description={t.text} size="lg" onClose={onClose} onSubmit={sync.submit}>
      <div className="flex flex-col gap-5">
        <section aria-label={t.hasOne}>
          <h3 className="mb-2 font-semibold">{t.hasOne}</h3>
          <UrlField
            sync={sync}
            button={
              <Button type="submit" look="primary" isBusy={sync.isPending} keys="mod+enter">
                {t.action}
              </Button>
            }
          />
        </section>
        <section aria-label={t.write}>
          <h3 className="mb-1 font-semibold">{t.write}</h3>
          <Lines />
        </section>
      </div>
    </Dialog>
  )
}

/** Address of this server as the page knows it; an app beside it can use the same. */
function originHere(): string {
  return location.origin + prefix
}

function Lines() {
  const [language, setLanguage] = useState<Language>('typescript')
  const mode = useInfo().data?.mode ?? 'dev'
  const { install, file, code, start } = connectLines(language, { mode, origin: originHere() })
  const steps = [
    { label: t.install, code: install },
    { label: t.code(file), code },
    { label: t.start, code: start },
  ]
  return (
    <Tabs
      label={t.language}
      value={language}
      onChange={setLanguage}
      tabs={LANGUAGES.map((id) => ({ id, label: t.languages[id] }))}
    >
      <ol className="flex flex-col gap-3 pt-3">
        {steps.map((step) => (
          <li key={step.label} className="min-w-0">
            <p className="mb-1 font-medium text-xs">{step.label}</p>
            <CodeBlock code={step.code} label={step.label} />
          </li>
        ))}
      </ol>
      {mode === 'dev' && <p className="mt-2 text-muted text-xs">{t.afterwards}</p>}
    </Tabs>
  )
}
