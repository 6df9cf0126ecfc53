// Bounds of Sessions that no configuration moves. How many items and open requests a session has stands in the engine's limits.

export const SESSION_LIMITS = {
  /** Characters of a caller's name for a session, an item or a request, of an agent, a role, and of a title. */
  nameCharactersMax: 256,
  titleCharactersMax: 512,
  /** Items of one append. */
  appendMax: 100,
  /** Bytes of canonical JSON. */
  metadataBytesMax: 16 * 1024,
  contentBytesMax: 256 * 1024,
  /** Of a result, an error, arguments, a response. */
  valueBytesMax: 256 * 1024,
  formBytesMax: 64 * 1024,
  /** Bytes of texts for people. */
  promptBytesMax: 16 * 1024,
  reasonBytesMax: 4 * 1024,
  urlCharactersMax: 2_048,
  optionsMax: 100,
  /** How long a request is open, in milliseconds: 7 days unless it says so itself, 30 at most. */
  expiryMs: 7 * 86_400_000,
  expiryMsMax: 30 * 86_400_000,
} as const
