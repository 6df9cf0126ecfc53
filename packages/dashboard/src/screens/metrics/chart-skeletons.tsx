// Stands in the place of charts while they are read.

import { Skeleton } from '../../ui/index.ts'

const PLACES = ['a', 'b', 'c', 'd', 'e', 'f'] as const

/** Charts to be, at their height. */
export function ChartSkeletons({ count = PLACES.length }: { readonly count?: number }) {
  return (
    <div className="grid grid-cols-1 gap-3 min-[1000px]:grid-cols-2">
      {PLACES.slice(0, count).map((place) => (
        <div key={place} className="rounded-lg border border-border bg-raised p-3">
          <Skeleton className="mb-3 h-4 w-40" />
          <Skeleton className="h-46 w-full" />
        </div>
      ))}
    </div>
  )
}
