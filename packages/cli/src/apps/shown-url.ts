// How an app's URL is written where people and log collectors read it. A serve URL may carry credentials (a user and a
// password, or a bypass token in the query); those must reach the app and nobody else, so every message goes through here.

/** The URL without user-info and fragment; of the query only the names are left. Takes any text, also what is no URL. */
export function shownUrl(url: string): string {
  const text = url.trim()
  const scheme = /^[a-z][a-z0-9+.-]*:[\\/]+/i.exec(text)?.[0] ?? ''
  const [address = ''] = text.slice(scheme.length).split('#', 1)
  const queryAt = address.indexOf('?')
  const place = queryAt === -1 ? address : address.slice(0, queryAt)
  const query = queryAt === -1 ? '' : `?${namesOnly(address.slice(queryAt + 1))}`
  return `${scheme}${withoutUser(place)}${query}`
}

/** A user name may itself hold an `@`: the last one before the path ends it. */
function withoutUser(place: string): string {
  const [authority = ''] = place.split(/[\\/]/, 1)
  return place.slice(authority.lastIndexOf('@') + 1)
}

/** A part without `=` may be a bare token: nothing of it is shown. */
function namesOnly(query: string): string {
  const parts = query.split('&').filter((part) => part !== '')
  return parts.map((part) => (part.includes('=') ? `${part.slice(0, part.indexOf('='))}=…` : '…')).join('&')
}
