// Links to what a run belongs to. Runs and events are named by short ids, functions and apps by their names.

import { Link } from '@tanstack/react-router'
import { Id } from '../../ui/index.ts'

export function RunLink({ id }: { readonly id: string }) {
  return (
    <Id
      id={id}
      link={(children) => (
        <Link to="/runs/$runId" params={{ runId: id }} className="link">
          {children}
        </Link>
      )}
    />
  )
}

export function EventLink({ id }: { readonly id: string }) {
  return (
    <Id
      id={id}
      link={(children) => (
        <Link to="/events/$eventId" params={{ eventId: id }} className="link">
          {children}
        </Link>
      )}
    />
  )
}

/** By slug alone the app is not known: leads to the runs of the function. */
export function SlugLink({ slug }: { readonly slug: string }) {
  return (
    <Link to="/runs" search={{ function: [slug] }} className="link">
      {slug}
    </Link>
  )
}

/** Events of a name. */
export function EventNameLink({ name }: { readonly name: string }) {
  return (
    <Link to="/runs" search={{ eventName: [name] }} className="link mono">
      {name}
    </Link>
  )
}
