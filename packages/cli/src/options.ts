// The one schema of the configuration: every option with its type, unit, default, names and one sentence. Validation,
// `--help`, the configuration file and docs/configuration.md are all made from this table; nothing is written twice.
// The two commands share it: an option may belong to one of them, or have another default for production.

/** What runs a server: for development, for production. */
export type CommandName = 'dev' | 'start'

/** What an option may be. Durations are milliseconds in the result and `unit` when a bare number is given. */
export type OptionType = 'text' | 'integer' | 'duration' | 'boolean' | 'list' | 'choice'

type OptionDefault = string | number | boolean | readonly string[]

/** One option. Its file key is `flag`, its environment names are `PAWL_` and `INNGEST_` + the flag in upper snake case. */
export interface OptionSpec {
  readonly type: OptionType
  /** Without the dashes. A flag that begins with `no-` turns its option off. */
  readonly flag: string
  /** One letter. */
  readonly short?: string
  /** Further environment names, after the two regular ones. */
  readonly environment?: readonly string[]
  readonly unit?: 'ms' | 's'
  readonly choices?: readonly string[]
  readonly min?: number
  readonly max?: number
  readonly default: OptionDefault
  /** Where `pawl start` has another default. */
  readonly startDefault?: OptionDefault
  /** The one command that has it; both by default. */
  readonly only?: CommandName
  /** Never printed and never given to anybody who asks for the options. */
  readonly secret?: boolean
  readonly says: string
}

/** All options, in the order of `--help`. */
export const OPTIONS = {
  port: { type: 'integer', flag: 'port', short: 'p', min: 0, max: 65_535, default: 8288, says: 'Port of the server.' },
  hosts: {
    type: 'list',
    flag: 'host',
    default: ['127.0.0.1', '::1'],
    startDefault: ['0.0.0.0', '::'],
    says: 'Addresses to listen on; 0.0.0.0 opens the server to the network.',
  },
  sdkUrls: { type: 'list', flag: 'sdk-url', short: 'u', default: [], says: 'URL where an app serves its functions.' },
  discovery: {
    type: 'boolean',
    flag: 'no-discovery',
    default: true,
    only: 'dev',
    says: 'Do not look for apps on the usual local ports and paths.',
  },
  poll: {
    type: 'boolean',
    flag: 'no-poll',
    default: true,
    only: 'dev',
    says: 'Do not sync again the apps that are well; those in error are still tried.',
  },
  pollIntervalMs: {
    type: 'duration',
    flag: 'poll-interval',
    unit: 's',
    min: 0,
    max: 86_400_000,
    default: 5_000,
    startDefault: 0,
    says: 'Time between two syncs of an app, and between two looks for new ones; 0: each app of --sdk-url once, until it is well.',
  },
  retryIntervalMs: {
    type: 'duration',
    flag: 'retry-interval',
    unit: 's',
    min: 0,
    max: 86_400_000,
    default: 0,
    says: 'One fixed delay before every retry, for tests; 0 keeps the growing delays.',
  },
  tickMs: {
    type: 'duration',
    flag: 'tick',
    unit: 'ms',
    min: 1,
    max: 60_000,
    default: 150,
    says: 'How long the queue rests at most before it looks at the time again, and for what other servers have left.',
  },
  queueWorkers: {
    type: 'integer',
    flag: 'queue-workers',
    min: 1,
    max: 10_000,
    default: 100,
    says: 'Calls to apps that may be open at the same time.',
  },
  sqliteDir: {
    type: 'text',
    flag: 'sqlite-dir',
    default: './.pawl',
    says: 'Folder where the state is kept, in SQLite, for one server.',
  },
  inMemory: {
    type: 'boolean',
    flag: 'in-memory',
    default: false,
    only: 'dev',
    says: 'Keep nothing: the state is gone when the server ends.',
  },
  durability: {
    type: 'choice',
    flag: 'durability',
    choices: ['full', 'relaxed'],
    default: 'full',
    says: '`full`: what was acknowledged is on disk. `relaxed`: faster, a power cut may take the last commits.',
  },
  postgresUri: {
    type: 'text',
    flag: 'postgres-uri',
    default: '',
    secret: true,
    says: 'Keep the state in this PostgreSQL database instead (postgres://user:password@host:5432/database), for any number of servers. As a variable it is not seen in the list of processes.',
  },
  postgresSchema: {
    type: 'text',
    flag: 'postgres-schema',
    default: 'pawl',
    says: 'Schema of the tables in PostgreSQL; made where there is none. Servers of one installation have the same.',
  },
  postgresMaxOpenConns: {
    type: 'integer',
    flag: 'postgres-max-open-conns',
    min: 4,
    max: 1_000,
    default: 6,
    says: 'Connections of this server to PostgreSQL, at most: three are for work, the others for lists and are closed when idle.',
  },
  leaseMs: {
    type: 'duration',
    flag: 'lease',
    unit: 's',
    min: 1_000,
    max: 30_000,
    default: 30_000,
    says: 'With PostgreSQL: the work of a server that dies is taken up by the others within this time. The same for all of them.',
  },
  eventKeys: {
    type: 'list',
    flag: 'event-key',
    default: [],
    secret: true,
    says: 'Key that may send events; several may be valid at once. `pawl dev` takes any key, `pawl start` needs one.',
  },
  signingKeys: {
    type: 'list',
    flag: 'signing-key',
    default: [],
    secret: true,
    says: 'Key that signs calls to apps and opens the API, in hexadecimal; the first signs, further ones are accepted during a rotation. `pawl start` needs one.',
  },
  instanceKey: {
    type: 'text',
    flag: 'instance-key',
    default: '',
    secret: true,
    says: 'Key under which secrets of HTTP Jobs are stored: 32 bytes in base64. Without it, with SQLite, `instance.key` in the state folder, made at the first start. Servers on one PostgreSQL database have the same. As a variable it is not seen in the list of processes.',
  },
  allowNet: {
    type: 'list',
    flag: 'allow-net',
    default: [],
    says: 'Network (10.1.0.0/16) or address that jobs, steps of their own and callbacks may call, though it is a private one. Addresses of metadata services and of the own link are called only where each is named alone.',
  },
  allowHost: {
    type: 'list',
    flag: 'allow-host',
    default: [],
    says: 'Name whose addresses they may call, though they are private ones.',
  },
  allowedHosts: {
    type: 'list',
    flag: 'allowed-hosts',
    default: [],
    says: 'Further names under which the server may be asked, for a proxy or a tunnel in front of it.',
  },
  cronCatchUp: {
    type: 'choice',
    flag: 'cron-catch-up',
    choices: ['skip', 'latest', 'all'],
    default: 'latest',
    says: 'What becomes of the ticks that were missed while the server was down.',
  },
  logLevel: {
    type: 'choice',
    flag: 'log-level',
    short: 'l',
    environment: ['LOG_LEVEL'],
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    says: 'Least level that is logged.',
  },
  json: { type: 'boolean', flag: 'json', default: false, says: 'Log JSON lines on a terminal too.' },
} as const satisfies Record<string, OptionSpec>

type Options = typeof OPTIONS
type ValueOf<Spec extends OptionSpec> = Spec extends { type: 'integer' | 'duration' }
  ? number
  : Spec extends { type: 'boolean' }
    ? boolean
    : Spec extends { type: 'list' }
      ? readonly string[]
      : Spec extends { choices: readonly (infer Choice)[] }
        ? Choice
        : string

/** The configuration: every option with its value, frozen, and the command that it is for. */
export type Config = { readonly [Key in keyof Options]: ValueOf<Options[Key]> } & { readonly command: CommandName }

/** The options as a list, for whoever goes over all of them. */
export const OPTION_LIST: readonly (readonly [string, OptionSpec])[] = Object.entries(OPTIONS)

/** Whether the option belongs to the command. */
export function isFor(spec: OptionSpec, command: CommandName): boolean {
  return spec.only === undefined || spec.only === command
}

/** What holds when nothing is given. */
export function defaultFor(spec: OptionSpec, command: CommandName): OptionDefault {
  return command === 'start' ? (spec.startDefault ?? spec.default) : spec.default
}

/** Where the configuration file is named: a flag, `PAWL_CONFIG` or `INNGEST_CONFIG`. Not an option of the file itself. */
export const CONFIG_FLAG: OptionSpec = {
  type: 'text',
  flag: 'config',
  default: '',
  says: 'Configuration file to read, instead of the first one found.',
}

/** Flags of the Inngest dev server that mean nothing here, and why. They are accepted so that existing commands work. */
export const FOREIGN_FLAGS: Readonly<Record<string, { readonly takesValue: boolean; readonly why: string }>> = {
  persist: { takesValue: false, why: 'the state is always kept; --in-memory turns that off' },
  'redis-uri': { takesValue: true, why: 'there is no Redis; queue and state are in the database' },
  ...noteEach(
    ['postgres-max-idle-conns', 'postgres-conn-max-idle-time', 'postgres-conn-max-lifetime'],
    'the three connections for work stay open, those for lists are closed after 30 s; see --postgres-max-open-conns',
  ),
  ...noteEach(['connect-gateway-port', 'connect-gateway-host'], 'worker connections come with a later release'),
  ...noteEach(['connect-gateway-grpc-port', 'connect-executor-grpc-port'], 'one process has no gRPC between its parts'),
  ...noteEach(['connect-gateway-grpc-ip', 'connect-executor-grpc-ip'], 'one process has no gRPC between its parts'),
  ...noteEach(['executor-grpc-port', 'debug-api-port'], 'one process has no gRPC between its parts'),
  'no-ui': {
    takesValue: false,
    why: 'the dashboard is part of the server; in production it shows nothing without a signing key',
  },
  verbose: { takesValue: false, why: 'use --log-level debug' },
}

function noteEach(flags: readonly string[], why: string): Record<string, { takesValue: boolean; why: string }> {
  return Object.fromEntries(flags.map((flag) => [flag, { takesValue: true, why }]))
}

/** `--poll-interval` → `PAWL_POLL_INTERVAL`, `INNGEST_POLL_INTERVAL`, and what else the option answers to. */
export function environmentNames(spec: OptionSpec): readonly string[] {
  const name = spec.flag.toUpperCase().replaceAll('-', '_')
  return [`PAWL_${name}`, `INNGEST_${name}`, ...(spec.environment ?? [])]
}
