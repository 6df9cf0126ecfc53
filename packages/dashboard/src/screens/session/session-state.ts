// How the state of a session is shown. Pure.

import type { SessionStatus } from '../../api/index.ts'
import type { StatusKind } from '../../ui/index.ts'

const KINDS: Record<SessionStatus, StatusKind> = {
  running: 'running',
  waiting: 'waiting',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
}

export function kindOfSession(status: SessionStatus): StatusKind {
  return KINDS[status]
}
