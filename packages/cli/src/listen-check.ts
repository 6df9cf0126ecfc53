// Finds out before anything is opened whether the server can listen where it should, and says who is in the way. The
// port is never changed silently: apps would go on talking to whoever holds it.
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { CliError } from './errors.ts'
import { type CommandName, type Config, defaultFor, OPTIONS } from './options.ts'
import { findPortHolder } from './port-holder.ts'

/**
 * The hosts on which the port can be had. One of the default hosts may be missing on a machine without IPv6.
 * @throws CliError `port_taken`, `address_unusable`
 */
export async function usableHosts({
  hosts,
  port,
  command,
}: Pick<Config, 'hosts' | 'port' | 'command'>): Promise<readonly string[]> {
  const isDefault = hosts.join() === String(defaultFor(OPTIONS.hosts, command))
  const usable: string[] = []
  for (const host of hosts) {
    const code = await tryListen(host, port)
    if (code === null) usable.push(host)
    else if (code === 'EADDRINUSE') throw await portTaken(port, command)
    else if (!isDefault || code === 'EACCES') throw unusable(host, port, code)
  }
  if (usable.length === 0) throw unusable(hosts.join(', '), port, 'no address is there')
  // A server that listens on :: takes IPv4 too, and could not listen on both.
  return usable.includes('::') ? usable.filter((host) => host !== '0.0.0.0') : usable
}

/** Listens for a moment. The error's code, or null. */
async function tryListen(host: string, port: number): Promise<string | null> {
  const server = createServer()
  try {
    server.listen({ host, port, ipv6Only: true })
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return null
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

async function portTaken(port: number, command: CommandName): Promise<CliError> {
  const holder = findPortHolder(port)
  const who = holder === null ? 'another program' : `${holder.program} (process ${holder.pid})`
  const isServer = await answersAsServer(port)
  const what = isServer ? ', a server for Inngest apps: perhaps another Pawl' : ''
  return new CliError(
    'port_taken',
    `Port ${port} is taken by ${who}${what}. End it, or choose another port: pawl ${command} --port ${freeSuggestion(port)}`,
  )
}

function freeSuggestion(port: number): number {
  return port < 65_535 ? port + 1 : port - 1
}

function unusable(host: string, port: number, code: string): CliError {
  const why = code === 'EACCES' ? `ports below 1024 need more rights than this process has` : code
  return new CliError(
    'address_unusable',
    `The server cannot listen on ${host}, port ${port}: ${why}. Give other ones with --host and --port.`,
  )
}

/** Whether what holds the port speaks our protocol; asked for half a second. */
function answersAsServer(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const asked = request(
    { host: 'localhost', port, path: '/health', agent: false, signal: AbortSignal.timeout(500) },
    (answer) => {
      answer.destroy()
      resolve(answer.headers['x-inngest-server-kind'] !== undefined)
    },
  )
  asked.on('error', () => resolve(false)).end()
  return promise
}
