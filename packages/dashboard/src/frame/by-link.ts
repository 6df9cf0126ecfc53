// Whether this page was opened by the one-time link of a question. It is known before anything is asked of the server, and
// does not change while the page is open: there is nowhere to go from it.

const cameByLink = typeof location !== 'undefined' && isQuestionLink(location.pathname, location.search)

/** True for the whole life of a page that was opened by such a link. */
export function isByLink(): boolean {
  return cameByLink
}

/** Whether an address is that of one question with its token, below any prefix. */
export function isQuestionLink(path: string, search: string): boolean {
  return /\/requests\/[^/]+\/?$/.test(path) && new URLSearchParams(search).has('token')
}
