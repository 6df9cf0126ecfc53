// Packs the published package, installs it into an empty folder as a user would, and runs it: on this Node, and on the
// machine's older Node where there is one. What works from source may still be missing from the package.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
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
  ['starts, and ends on SIGTERM', startsAndEnds],
  ['serves the dashboard', servesDashboard],
  ['runs under npx', runsUnderNpx],
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
const BOOT_MS_MAX = 10_000

/** Its page and the files beside it, without a network. */
async function servesDashboard({ folder }: Installed): Promise<void> {
  const server = startServer([process.execPath, join(folder, 'node_modules/pawl/bin/pawl.js')], folder)
  try {
    await server.ready()
    const page = await fetch(server.url)
    const text = await page.text()
    const files = [...text.matchAll(/\s(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '')
    if (page.status !== 200 || files.length < 2) throw new Error(`the page was answered ${page.status}: ${text}`)
    for (const file of files) {
      const { status, headers } = await fetch(`${server.url}${file}`)
      if (status !== 200) throw new Error(`${file} was answered ${status}`)
      if (
        /\.(?:js|css)$/.test(file) &&
        !/br|gzip/.test(headers.get('content-encoding') ?? '') &&
        Number(headers.get('content-length')) > 1_000
      )
        throw new Error(`${file} came uncompressed`)
    }
  } finally {
    await server.end()
  }
}

async function startsAndEnds({ folder }: Installed): Promise<void> {
  const server = startServer([process.execPath, join(folder, 'node_modules/pawl/bin/pawl.js')], folder)
  process.stdout.write(
    `     ready after ${Math.round(await server.ready())} ms (aim: 500 on a machine that does nothing else)\n`,
  )
  const code = await server.end()
  if (code !== 0) throw new Error(`it ended with ${code} after SIGTERM`)
}

async function runsUnderNpx({ folder }: Installed): Promise<void> {
  const server = startServer(['npx', '--no-install', 'pawl'], folder)
  await server.ready()
  await server.end()
  if (!server.output().includes('Stopped.')) throw new Error(`it did not end in order: ${server.output()}`)
}

interface RunningServer {
  readonly url: string
  /** Resolves with the milliseconds until it answered. */
  ready(): Promise<number>
  /** Sends SIGTERM to all of its processes and waits for the end. */
  end(): Promise<number | null>
  output(): string
}

/** Starts `… dev` in a process group of its own, because npx does not pass signals on. */
function startServer([program, ...args]: readonly [string, ...string[]], folder: string): RunningServer {
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  const began = performance.now()
  const child = spawn(program, [...args, 'dev', '--port', String(port), '--no-discovery'], {
    cwd: folder,
    env: withNode24(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = once(child, 'close')
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, name)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    ready: async () => {
      while (!(await answersHealth(port))) {
        if (child.exitCode !== null || performance.now() - began > BOOT_MS_MAX) {
          signal('SIGKILL')
          throw new Error(`it does not answer: ${output}`)
        }
        await sleep(10)
      }
      return performance.now() - began
    },
    end: async () => {
      signal('SIGTERM')
      await Promise.race([ended, sleep(10_000, undefined, { ref: false })])
      signal('SIGKILL')
      return child.exitCode
    },
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
