// Finds out who listens on a port that is taken, so that the refusal can name the process. Linux tells through /proc;
// elsewhere, and for processes of other users, the answer is null. Read only after a failure, so it may be slow.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

export interface PortHolder {
  readonly pid: number
  /** The program's name; further arguments are left out, they may hold keys. */
  readonly program: string
}

/** State of a listening socket in /proc/net/tcp. */
const LISTEN = '0A'

/** The process that listens on a TCP port of this machine, or null when it cannot be seen. */
export function findPortHolder(port: number): PortHolder | null {
  const sockets = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => listeningInodes(readOr(path, ''), port)),
  )
  if (sockets.size === 0) return null
  const links = new Set([...sockets].map((inode) => `socket:[${inode}]`))
  const pid = processes().find((candidate) => holdsAny(candidate, links))
  return pid === undefined ? null : { pid, program: programName(pid) }
}

/** `postgres`, or `node server.js`: the file that is run, and of an interpreter the script, both without folders. */
function programName(pid: number): string {
  const [program = '', script = ''] = readOr(`/proc/${pid}/cmdline`, '').split('\0')
  const name = basename(program) || readOr(`/proc/${pid}/comm`, 'a program').trim()
  const isScript = /^(node|bun|deno|python[\d.]*|ruby|php)$/.test(name) && script !== '' && !script.startsWith('-')
  return isScript ? `${name} ${basename(script)}` : name
}

/** Inodes of the sockets that listen on the port, from the text of /proc/net/tcp. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === LISTEN)
    .flatMap((fields) => (fields[9] === undefined ? [] : [fields[9]]))
}

function processes(): readonly number[] {
  return listOr('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0)
}

function holdsAny(pid: number, links: ReadonlySet<string>): boolean {
  return listOr(`/proc/${pid}/fd`).some((fd) => {
    try {
      return links.has(readlinkSync(`/proc/${pid}/fd/${fd}`))
    } catch {
      return false
    }
  })
}

function listOr(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}
