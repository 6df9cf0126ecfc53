// What a stored bulk operation asks for, in one shape: those that were begun as a cancellation or a replay of one function
// are read as what they are, an operation on that function.
import type { BulkRow } from '@pawl/storage'
import type { StoredBulk, StoredCancel, StoredReplay } from '../engine.ts'

export interface BulkWanted extends StoredBulk {
  /** Who asked for it: a person or program, or a pause of the function. */
  readonly cause: StoredCancel['cause']
  /** The conditions are about the first event alone. */
  readonly isFirstEvent: boolean
  /** Runs of the window may still come: it is gone through until nothing is found. */
  readonly isOpen: boolean
}

/** Reads the request of any bulk operation. */
export function storedBulk(row: Pick<BulkRow, 'kind' | 'request'>): BulkWanted {
  // Written by `putBulk`.
  const request = JSON.parse(row.request) as StoredBulk | StoredCancel | StoredReplay
  if ('functionIds' in request) return { ...request, cause: 'api', isFirstEvent: false, isOpen: row.kind === 'cancel' }
  return 'perSecond' in request ? ofReplay(request) : ofCancel(request)
}

function ofCancel({ functionId, after, before, condition, cause }: StoredCancel): BulkWanted {
  return {
    kind: 'cancel',
    functionIds: [functionId],
    runIds: null,
    from: after === null ? 0 : after + 1,
    until: before,
    statuses: ['scheduled', 'running'],
    conditions: condition === null ? [] : [condition],
    name: null,
    perMinute: null,
    dryRun: false,
    totalCount: 0,
    cause,
    isFirstEvent: true,
    isOpen: true,
  }
}

const SECONDS_IN_MINUTE = 60

function ofReplay({ functionId, perSecond, ...request }: StoredReplay): BulkWanted {
  return {
    ...request,
    kind: 'replay',
    functionIds: [functionId],
    runIds: null,
    perMinute: perSecond * SECONDS_IN_MINUTE,
    cause: 'api',
    isFirstEvent: false,
    isOpen: false,
  }
}
