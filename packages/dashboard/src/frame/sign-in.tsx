// The form that a 401 brings up, over the page and without taking it away. Until the server has users, signing in means
// typing a signing key; the answer never says which part was wrong.

import { useState, useSyncExternalStore } from 'react'
import { ApiError, session, useSignIn } from '../api/index.ts'
import { Button, Dialog, Field, Notice, TextInput } from '../ui/index.ts'
import { messages } from './messages.ts'

export function SignIn() {
  const isAsked = useSyncExternalStore(session.subscribe, session.isAsked)
  return isAsked ? <SignInForm /> : null
}

function SignInForm() {
  const [key, setKey] = useState('')
  const signIn = useSignIn()
  const t = messages.signIn
  const { error } = signIn
  const fault =
    error === null
      ? undefined
      : error instanceof ApiError && error.status === 401
        ? t.refused
        : error instanceof ApiError && error.status === 429
          ? t.tooMany
          : error.message
  return (
    <Dialog
      title={t.title}
      description={t.text}
      size="sm"
      isForced
      onClose={() => {}}
      onSubmit={() => key !== '' && signIn.mutate(key)}
      footer={
        <Button type="submit" look="primary" isBusy={signIn.isPending}>
          {t.action}
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        {fault !== undefined && <Notice tone="bad">{fault}</Notice>}
        <Field label={t.key}>
          {(control) => (
            <TextInput
              {...control}
              type="password"
              autoComplete="current-password"
              autoFocus
              required
              isMono
              value={key}
              onChange={(event) => setKey(event.target.value)}
            />
          )}
        </Field>
      </div>
    </Dialog>
  )
}
