// Runs one program for a check or a test and keeps what it wrote. Everything is started by the Node that runs us, never
// through a shell, so that it can be ended.
import { type SpawnOptions, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

export interface Outcome {
  readonly code: number
  /** Both streams. */
  readonly output: string
  readonly seconds: number
}

/** Runs a program to its end. `echo` also prints what it writes, as it comes. */
export async function runProgram(
  command: readonly [string, ...string[]],
  options: SpawnOptions & { readonly echo?: boolean } = {},
): Promise<Outcome> {
  const [program, ...args] = command
  const { echo = false, ...rest } = options
  const began = performance.now()
  const child = spawn(program, args, { cwd: ROOT, ...rest, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => {
      output += text
      if (echo) process.stdout.write(text)
    })
  }
  const { promise, resolve } = Promise.withResolvers<number>()
  child.on('error', (error) => {
    output += `${error.message}\n`
    resolve(127)
  })
  child.on('close', (code) => resolve(code ?? 1))
  const code = await promise
  return { code, output, seconds: (performance.now() - began) / 1_000 }
}

/** A program that a package of the repository brings (`node_modules/.bin` is linked to it), run by this Node. */
export function tool(path: string, ...args: readonly string[]): [string, ...string[]] {
  return [process.execPath, `${ROOT}node_modules/${path}`, ...args]
}
