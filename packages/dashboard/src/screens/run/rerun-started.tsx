// In the toast after a rerun: the way to the new run.

import { Link } from '@tanstack/react-router'
import { messages } from './messages.ts'

export function RerunStarted({ runId }: { readonly runId: string }) {
  return (
    <Link to="/runs/$runId" params={{ runId }} className="link">
      {messages.actions.openRerun}
    </Link>
  )
}
