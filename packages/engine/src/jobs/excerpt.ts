// What is kept of an answer's body: its begin, within a bound of bytes, without secrets. Pure.

/** The begin of a text, `bytesMax` bytes at most, whole characters only. Null characters cannot be stored everywhere. */
export function excerptOf(text: string, bytesMax: number): string {
  const clean = text.replaceAll('\0', '\ufffd').toWellFormed()
  const bytes = Buffer.from(clean)
  if (bytes.length <= bytesMax) return clean
  let end = bytesMax
  // A byte 10xxxxxx goes on with a character that began before.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
