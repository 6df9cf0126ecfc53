// Takes `user:password@` out of the URLs in a text before it is shown. The query stays: apps find their functions by it,
// and what is secret in one is not ours to guess.

/** The text with each URL's user-info left out. */
export function withoutUserInfo(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#]{0,4096}@/gi, '$1')
}
