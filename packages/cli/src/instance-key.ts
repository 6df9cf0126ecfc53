// The key under which secrets are stored: as it is configured, or, where the state is a SQLite file of this machine, from a file
// beside it that is made at the first start. The database alone is then of no use to whoever copies it.
import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { INSTANCE_KEY_BYTES } from '@pawl/engine'
import { CliError } from './errors.ts'
import type { Config } from './options.ts'

/** Name of the key file in the state folder. */
export const KEY_FILE = 'instance.key'

/**
 * The instance key, or null where none was given and the state is one that several servers may share.
 * @throws CliError `config_invalid`, `state_unusable`
 */
export function instanceKey(config: Config): Uint8Array | null {
  if (config.instanceKey !== '') return configuredKey(config.instanceKey)
  if (config.postgresUri !== '') return null
  // What is sealed under it is gone when it is.
  if (config.inMemory) return randomBytes(INSTANCE_KEY_BYTES)
  return fileKey(join(resolve(config.sqliteDir), KEY_FILE))
}

/** @throws CliError `config_invalid` */
export function configuredKey(text: string): Uint8Array {
  const key = keyIn(text)
  if (key !== null) return key
  throw new CliError(
    'config_invalid',
    'PAWL_INSTANCE_KEY must be 32 bytes in base64, such as the output of `openssl rand -base64 32`.',
  )
}

function fileKey(path: string): Uint8Array {
  try {
    const key = keyIn(readOrMake(path))
    if (key !== null) return key
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('state_unusable', `The key file ${path} cannot be used: ${why}`, { cause })
  }
  throw new CliError(
    'state_unusable',
    `The key file ${path} does not hold 32 bytes in base64. Put back the file that was there; without it stored secrets cannot be read.`,
  )
}

function readOrMake(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  make(path)
  return readFileSync(path, 'utf8')
}

/** Written whole beside it and then linked: a key file is there entirely, or not at all. */
function make(path: string): void {
  const draft = `${path}.${process.pid}`
  const file = openSync(draft, 'w', 0o600)
  try {
    // Also where the process's mask would take more away, or a file was there.
    chmodSync(draft, 0o600)
    writeSync(file, `${randomBytes(INSTANCE_KEY_BYTES).toString('base64')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(draft, path)
  } catch (error) {
    if (!isThere(error)) throw error
  } finally {
    unlinkSync(draft)
  }
}

function keyIn(text: string): Uint8Array | null {
  const trimmed = text.trim()
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return null
  const bytes = Buffer.from(trimmed, 'base64')
  return bytes.length === INSTANCE_KEY_BYTES ? bytes : null
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
