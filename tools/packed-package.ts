// Packs the published package, installs it into an empty folder as a user would, and runs it: on this Node, and on the
// machine's older Node where there is one. What works from source may still be missing from the package.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT, runProgram } from './run-program.ts'

/** The first sentence of what an old Node is told. */
const TOO_OLD = /^pawl needs Node\.js 24\.15 or newer; this is v[\d.]+\./m

interface Installed {
  readonly folder: string
}

type Case = readonly [name: string, run: (at: Installed) => Promise<void>]

const CASES: readonly Case[] = [
  ['holds no dependencies and no scripts', holdsOnlyItself],
  ['prints its version', printsVersion],
  ['starts within half a second and ends on SIGTERM', startsAndEnds],
  ['tells an older Node what it needs', refusesOldNode],
]

/** Runs all cases; each counts as one test. */
export async function testPackedPackage(): Promise<{ readonly passed: number; readonly failed: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-packed-'))
  let failed = 0
  try {
    await install(folder)
    for (const [name, run] of CASES) {
      const fault = await run({ folder }).then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
      if (fault !== null) failed++
      process.stdout.write(
        `${fault === null ? 'ok  ' : 'FAIL'} the packed package ${name}${fault === null ? '' : `: ${fault}`}\n`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { passed: CASES.length - failed, failed }
}

async function install(folder: string): Promise<void> {
  await must(['npm', 'run', 'build', '-w', 'pawl'], { cwd: ROOT, env: withNode24() })
  await must(['npm', 'pack', '-w', 'pawl', '--pack-destination', folder], { cwd: ROOT, env: withNode24() })
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  if (archive === undefined) throw new Error('npm pack made no archive')
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  await must(['npm', 'install', '--ignore-scripts', '--offline', '--no-audit', '--no-fund', `./${archive}`], {
    cwd: folder,
    env: withNode24(),
  })
}

async function holdsOnlyItself({ folder }: Installed): Promise<void> {
  const packages = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))
  if (packages.join() !== 'pawl') throw new Error(`it brought ${packages.join(', ')}`)
  const { default: manifest } = await import(join(folder, 'node_modules/pawl/package.json'), { with: { type: 'json' } })
  const scripts = Object.keys(manifest.scripts ?? {}).filter((name) => /install|prepare/.test(name))
  if (scripts.length > 0) throw new Error(`it has the scripts ${scripts.join(', ')}`)
}

async function printsVersion({ folder }: Installed): Promise<void> {
  const { code, output } = await runProgram(['npx', '--no-install', 'pawl', '--version'], {
    cwd: folder,
    env: withNode24(),
  })
  if (code !== 0 || !/^\d+\.\d+\.\d+$/m.test(output)) throw new Error(`exit code ${code}: ${output}`)
}

/** Half a second is the aim; the test allows for a busy machine. */
const BOOT_MS_MAX = 5_000

async function startsAndEnds({ folder }: Installed): Promise<void> {
  const port = await freePort()
  const main = join(folder, 'node_modules/pawl/bin/pawl.js')
  const began = performance.now()
  const child = spawn(process.execPath, [main, 'dev', '--port', String(port), '--no-discovery'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = once(child, 'exit')
  try {
    while (!(await answersHealth(port))) {
      if (child.exitCode !== null || performance.now() - began > BOOT_MS_MAX)
        throw new Error(`it does not answer: ${output}`)
      await sleep(10)
    }
    process.stdout.write(`     ready after ${Math.round(performance.now() - began)} ms\n`)
    child.kill('SIGTERM')
    await Promise.race([ended, sleep(10_000, undefined, { ref: false })])
    if (child.exitCode !== 0) throw new Error(`it ended with ${child.exitCode ?? 'nothing'} after SIGTERM: ${output}`)
  } finally {
    child.kill('SIGKILL')
  }
}

async function refusesOldNode({ folder }: Installed): Promise<void> {
  const environment = withoutNode24()
  const { output: version } = await runProgram(['node', '--version'], { cwd: folder, env: environment })
  const [, major = 0, minor = 0] = /^v(\d+)\.(\d+)/.exec(version)?.map(Number) ?? []
  if (major > 24 || (major === 24 && minor >= 15) || major === 0) {
    process.stdout.write('     not tried: this machine has no older Node\n')
    return
  }
  const { code, output } = await runProgram(['npx', '--no-install', 'pawl', 'dev'], { cwd: folder, env: environment })
  if (code !== 1 || !TOO_OLD.test(output)) throw new Error(`exit code ${code}: ${output}`)
}

function withNode24(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` }
}

/** The machine as it is outside of the repository. */
function withoutNode24(): NodeJS.ProcessEnv {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules') && folder !== dirname(process.execPath))
  return { ...process.env, PATH: folders.join(delimiter) }
}

async function must(
  command: [string, ...string[]],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<void> {
  const { code, output } = await runProgram(command, options)
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${output}`)
}

async function answersHealth(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
