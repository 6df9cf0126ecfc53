// Links that only this screen has; those to runs, events, functions and apps are the frame's.

import { Link } from '@tanstack/react-router'

/** By slug alone the app is not known: leads to the runs of the function. */
export function SlugLink({ slug }: { readonly slug: string }) {
  return (
    <Link to="/runs" search={{ function: [slug] }} className="link">
      <bdi>{slug}</bdi>
    </Link>
  )
}

/** Runs that events of a name started. */
export function EventNameLink({ name }: { readonly name: string }) {
  return (
    <Link to="/runs" search={{ eventName: [name] }} className="link mono">
      <bdi>{name}</bdi>
    </Link>
  )
}
