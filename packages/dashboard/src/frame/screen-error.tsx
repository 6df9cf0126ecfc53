// What is shown in place of a screen that broke or does not exist. The frame around it stays usable. A chunk that cannot
// be loaded mostly means that the server was updated under an open tab.

import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { Button, buttonClass, Empty, ErrorView, Skeleton } from '../ui/index.ts'
import { messages } from './messages.ts'
import { Page } from './page.tsx'

export function ScreenError({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const isChunk = /dynamically imported module|Importing a module script failed|error loading/i.test(String(error))
  return (
    <Page title={messages.broken.title}>
      <ErrorView
        title={messages.broken.title}
        error={isChunk ? new Error(messages.broken.newer) : error}
        onRetry={
          isChunk
            ? undefined
            : () => {
                reset()
                void router.invalidate()
              }
        }
      >
        {isChunk && (
          <Button className="mt-2" onClick={() => location.reload()}>
            {messages.broken.reload}
          </Button>
        )}
      </ErrorView>
    </Page>
  )
}

export function ScreenMissing() {
  return (
    <Page title={messages.notFound.title}>
      <Empty
        icon={Compass}
        title={messages.notFound.title}
        action={
          <Link to="/" className={buttonClass()}>
            {messages.notFound.action}
          </Link>
        }
      />
    </Page>
  )
}

export function ScreenPending() {
  return (
    <div className="flex flex-col gap-4 p-4" aria-hidden>
      <Skeleton className="h-8 w-80" />
      <Skeleton className="h-48 w-full" />
    </div>
  )
}
