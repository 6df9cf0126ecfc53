// What must hold of a configuration as a whole: keys that every part can use, one place for the state, and in production
// everything without which the server would be open to strangers or deaf. All that is missing is told at once.
import { readAllowed } from '@pawl/engine/drivers'
import { CliError } from './errors.ts'
import { configuredKey } from './instance-key.ts'
import type { Config } from './options.ts'

/** @throws CliError `config_invalid`, `config_incomplete` */
export function refuseUnusable(config: Config): void {
  refuseUnusableSigningKeys(config.signingKeys)
  refuseUnusableEventKeys(config.eventKeys)
  refuseUnusableDatabase(config)
  refuseUnusablePlaces(config)
  if (config.instanceKey !== '') configuredKey(config.instanceKey)
  if (config.command === 'start') refuseMissingKeys(config)
}

/** The SDKs hash a key that is no hexadecimal each in its own way, so that no two of them would agree. */
function refuseUnusableSigningKeys(keys: readonly string[]): void {
  if (keys.every((key) => /^(signkey-\w+-)?([0-9a-f]{2})+$/i.test(key))) return
  throw new CliError(
    'config_invalid',
    'A signing key must be hexadecimal, of even length, such as the output of `openssl rand -hex 32`.',
  )
}

/** SDKs put the event key into the path as it stands. */
function refuseUnusableEventKeys(keys: readonly string[]): void {
  if (keys.every((key) => /^[\x21-\x7e]+$/.test(key) && !/[/?#%\\]/.test(key))) return
  throw new CliError(
    'config_invalid',
    'An event key stands in a URL and must be plain text without spaces and without / ? # % \\, such as the output of `openssl rand -hex 16`.',
  )
}

function refuseUnusableDatabase({ postgresUri, postgresSchema, inMemory }: Config): void {
  if (postgresUri === '') return
  if (inMemory) {
    const message = '--in-memory and --postgres-uri exclude each other: the state is kept nowhere, or in PostgreSQL.'
    throw new CliError('config_invalid', message)
  }
  if (!/^postgres(ql)?:\/\/./i.test(postgresUri) || !URL.canParse(postgresUri)) {
    throw new CliError(
      'config_invalid',
      '--postgres-uri must be a URL such as postgres://user:password@host:5432/database; in user and password, characters such as / # ? @ are written as %2F %23 %3F %40.',
    )
  }
  // PostgreSQL cuts longer names off without a word, and two schemas would be one.
  if (Buffer.byteLength(postgresSchema) > 63 || /^pg_/i.test(postgresSchema)) {
    throw new CliError('config_invalid', '--postgres-schema must have at most 63 bytes and not begin with pg_.')
  }
}

/** A list that cannot be read would leave open, or closed, what nobody meant. */
function refuseUnusablePlaces({ allowNet, allowHost }: Config): void {
  const read = readAllowed(allowNet, allowHost)
  if (!('unreadable' in read)) return
  const [option, wanted] = allowNet.includes(read.unreadable)
    ? ['--allow-net', 'an address or a network such as 10.1.0.0/16 or fd00::/8']
    : ['--allow-host', 'a name such as api.internal']
  throw new CliError('config_invalid', `${option} must be ${wanted}, not ${JSON.stringify(read.unreadable)}.`)
}

function refuseMissingKeys({ signingKeys, eventKeys }: Config): void {
  const missing = [
    signingKeys.length > 0
      ? ''
      : 'a signing key, which signs the calls to your apps and opens the API (--signing-key or PAWL_SIGNING_KEY; make one with `openssl rand -hex 32` and give the apps the same as INNGEST_SIGNING_KEY)',
    eventKeys.length > 0
      ? ''
      : 'an event key, with which events are sent (--event-key or PAWL_EVENT_KEY; make one with `openssl rand -hex 16` and give the apps the same as INNGEST_EVENT_KEY)',
  ].filter((each) => each !== '')
  if (missing.length === 0) return
  throw new CliError(
    'config_incomplete',
    `\`pawl start\` needs ${missing.join(', and ')}. For development without keys, use \`pawl dev\`.`,
  )
}
