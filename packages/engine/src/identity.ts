// The public UUIDs of apps and functions. They are derived from names, so that they stay the same over re-syncs, over a
// change of the app's URL and over stores.
import { uuidFrom } from '@pawl/protocol'

/** UUID of an app, from its name. */
export function appUuid(appName: string): string {
  return uuidFrom('pawl:app', appName)
}

/** UUID of a function, from its app's name and its slug. */
export function functionUuid(appName: string, slug: string): string {
  return uuidFrom(`pawl:function:${appName}`, slug)
}
