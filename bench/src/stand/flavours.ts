// The official SDK as it is benched: two major versions, each without and with checkpointing.

/** One way to run the SDK app. */
export interface Flavour {
  readonly id: 'v4' | 'v4c' | 'v3' | 'v3c'
  readonly title: string
  readonly version: '3' | '4'
  readonly checkpointing: 'on' | 'off'
}

export const FLAVOURS: readonly Flavour[] = [
  { id: 'v4', title: 'SDK 4.24.0, checkpointing off', version: '4', checkpointing: 'off' },
  { id: 'v4c', title: 'SDK 4.24.0, checkpointing on', version: '4', checkpointing: 'on' },
  { id: 'v3', title: 'SDK 3.54.2, checkpointing off', version: '3', checkpointing: 'off' },
  { id: 'v3c', title: 'SDK 3.54.2, checkpointing on', version: '3', checkpointing: 'on' },
]

/** The ID of a flavour's app, which starts the slug of each of its functions. */
export function slugPrefix({ version, checkpointing }: Pick<Flavour, 'version' | 'checkpointing'>): string {
  return `bench-sdk-v${version}-${checkpointing}`
}
