// One of the programs that `npm run trading-agent` runs: started by this Node, its lines forwarded with a name in front.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

export interface Child {
  readonly name: string
  /** Resolves with its exit code when it has ended. */
  readonly ended: Promise<number>
  /** Asks it to end, and makes it after ten seconds. */
  end(): Promise<void>
}

/** How long a program may take to end by itself. */
const END_MS = 10_000

/** Starts a program of the repository. */
export function startChild(name: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Child {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) =>
      process.stdout.write(`${name.padEnd(6)} │ ${readable(line)}\n`),
    )
  }
  const { promise: ended, resolve } = Promise.withResolvers<number>()
  child.on('error', (error) => {
    process.stdout.write(`${name} could not be started: ${error.message}\n`)
    resolve(1)
  })
  child.on('close', (code) => resolve(code ?? 1))
  return {
    name,
    ended,
    end: async () => {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), END_MS)
      await ended
      clearTimeout(force)
    },
  }
}

/** Of a JSON line of the server's log what a person reads; any other line as it is. */
function readable(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    const { level, msg }: { level?: unknown; msg?: unknown } = JSON.parse(line)
    return level === 'info' ? String(msg) : `${level}: ${msg}`
  } catch {
    return line
  }
}
