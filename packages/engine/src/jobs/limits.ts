// Bounds of HTTP Jobs.

export const JOB_LIMITS = {
  nameCharactersMax: 120,
  intervalMinutesMax: 10_080,
  timeoutMsMin: 1_000,
  timeoutMsMax: 300_000,
  urlCharactersMax: 8_192,
  headersMax: 50,
  /** Bytes of one header's value, and of all names and values: most servers refuse more. */
  headerBytesMax: 8_192,
  headersBytesMax: 16_384,
  bodyBytesMax: 256 * 1024,
  secretBytesMax: 8_192,
  /** Bytes of an answer that are read; then the connection is dropped. */
  answerBytesMax: 1024 * 1024,
  /** Bytes of an answer that are kept: of a call that failed, of one that went well. */
  failureExcerptBytesMax: 64 * 1024,
  successExcerptBytesMax: 2 * 1024,
  errorCharactersMax: 1_000,
  /** A slot that is found later than this after its time was missed: the server was not there. Milliseconds. */
  lateMs: 60_000,
  previewMax: 100,
} as const
