// Writes the generated pages of the manual (errors, limits, configuration) from the tables in code, or says which are
// stale. `node tools/docs.ts` writes; the check only compares.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { configTable, foreignTable } from '../packages/cli/src/config-table.ts'
import { APP_ERRORS, CLI_ERRORS } from '../packages/cli/src/errors.ts'
import { LIMITS, type Limit } from '../packages/protocol/src/limits.ts'
import { codeOnV2, HTTP_ERRORS, type HttpErrorCode } from '../packages/server/src/http/http-errors.ts'
import { ROOT } from './run-program.ts'

const NOTE = '<!-- Written by `node tools/docs.ts` from the tables in code. Change those, not this page. -->'

/** The generated pages by their path from the root. */
export function generatedPages(): Readonly<Record<string, string>> {
  return {
    'docs/errors.md': errorsPage(),
    'docs/limits.md': limitsPage(),
    'docs/configuration.md': configurationPage(),
  }
}

/** Pages whose file differs from what the code says. */
export function stalePages(): readonly string[] {
  return Object.entries(generatedPages())
    .filter(([path, text]) => readOr(`${ROOT}${path}`) !== text)
    .map(([path]) => path)
}

/** Relative links of the manual that lead nowhere, as `page → target`. */
export function deadLinks(): readonly string[] {
  return globSync(MANUAL, { cwd: ROOT }).flatMap((path) =>
    linksIn(readFileSync(join(ROOT, path), 'utf8'))
      .filter((target) => !existsSync(join(ROOT, dirname(path), target)))
      .map((target) => `${path} → ${target}`),
  )
}

const MANUAL = ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md']

/** Targets of links to files, without the place in them; code is left out. */
function linksIn(markdown: string): readonly string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, target = '']) => decodeURI(target))
    .filter((target) => !/^[a-z]+:/i.test(target))
}

function errorsPage(): string {
  return page(
    'Errors',
    'The code is the identity of an error and does not change; its message says what happened, with which ID, and what to do.',
    [
      '## Requests to the server',
      '"Again": whether the same request may succeed later without a change. "On v2": the code under `/v2`, where it is another one.',
      table(['code', 'status', 'again', 'on v2', 'meaning'], requestErrors()),
      '## Apps',
      'Why an app cannot be synced. The error stands with the app until a sync succeeds; its functions stay registered meanwhile.',
      table(
        ['code', 'meaning'],
        Object.entries(APP_ERRORS).map(([code, { says }]) => [`\`${code}\``, says]),
      ),
      '## The command',
      'Why `pawl` ends by itself. The message goes to standard error.',
      table(
        ['code', 'exit code', 'meaning'],
        Object.entries(CLI_ERRORS).map(([code, { exit, says }]) => [`\`${code}\``, String(exit), says]),
      ),
    ],
  )
}

function requestErrors(): readonly (readonly string[])[] {
  return Object.entries(HTTP_ERRORS)
    .map(([code, spec]) => {
      const onV2 = codeOnV2(code as HttpErrorCode)
      const v2 = onV2 === code ? '' : `\`${onV2}\``
      const v2Status = 'v2Http' in spec && spec.v2Http !== undefined ? ` (${spec.v2Http})` : ''
      return {
        http: spec.http,
        cells: [`\`${code}\``, String(spec.http), spec.retry ? 'yes' : 'no', `${v2}${v2Status}`, spec.says],
      }
    })
    .sort((one, other) => one.http - other.http)
    .map(({ cells }) => cells)
}

function limitsPage(): string {
  const rows = Object.entries(LIMITS).map(([name, limit]: [string, Limit]) => [
    `\`${name}\``,
    amount(limit.value, limit.unit),
    limit.raisedTo === undefined ? '' : amount(limit.raisedTo, limit.unit),
    limit.why,
  ])
  return page(
    'Limits',
    'Everything that grows has a bound. Where a second figure is given, an operator may raise the limit up to it.',
    [
      '## The contract with SDKs',
      table(['limit', 'value', 'up to', 'why'], rows),
      '## The engine',
      table(['limit', 'value', 'why'], engineLimits()),
    ],
  )
}

/** The engine's limits carry their reason as a comment, so that it is read where the number is changed. */
function engineLimits(): readonly (readonly string[])[] {
  const source = readFileSync(`${ROOT}packages/engine/src/limits.ts`, 'utf8')
  return [...source.matchAll(/(?:\/\*\* (.+?) \*\/\n\s+)?(\w+): ([\d_ *]+),/g)].map(
    ([, why = 'As the limit above.', name = '', value = '']) => {
      const product = value.split('*').reduce((sum, factor) => sum * Number(factor.replaceAll('_', '')), 1)
      return [`\`${name}\``, amount(product, unitOf(name)), why]
    },
  )
}

function unitOf(name: string): string {
  if (/Ms(Max|Min)?$/.test(name)) return 'ms'
  if (/Bytes(Max|Min)?$/.test(name)) return 'bytes'
  return /Chars(Max|Min)?$/.test(name) ? 'characters' : 'count'
}

function configurationPage(): string {
  return page(
    'Configuration',
    'A value is taken from the flag, else from the environment, else from the configuration file, else it is the default.',
    [
      'The file is the first of `pawl.json`, `pawl.yaml`, `pawl.yml`, `inngest.json`, `inngest.yaml` and `inngest.yml` in the working folder, its parents, then the home folder. Its keys are the names of the flags; an unknown key is an error. A flag that begins with `no-` has the value `true` in file and environment.',
      configTable(),
      '## Flags of the Inngest dev server',
      'These are accepted, so that an existing command works, and have no effect.',
      foreignTable(),
    ],
  )
}

function page(title: string, says: string, parts: readonly string[]): string {
  return `${[`# ${title}`, NOTE, says, ...parts].join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

const STEPS: readonly (readonly [string, number, string])[] = [
  ['bytes', 1_048_576, 'MiB'],
  ['bytes', 1_024, 'KiB'],
  ['ms', 86_400_000, 'd'],
  ['ms', 3_600_000, 'h'],
  ['ms', 60_000, 'min'],
  ['ms', 1_000, 's'],
]

/** `3 MiB`, `24 h`, `5,000`; instants (dates in epoch milliseconds) as dates. */
function amount(value: number, unit: string): string {
  if (unit === 'ms' && value > 100_000_000_000) return new Date(value).toISOString().slice(0, 10)
  const step = STEPS.find(([of, size]) => of === unit && value >= size && value % size === 0)
  if (step !== undefined) return `${(value / step[1]).toLocaleString('en')} ${step[2]}`
  return unit === 'count' ? value.toLocaleString('en') : `${value.toLocaleString('en')} ${unit}`
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generatedPages())) writeFileSync(`${ROOT}${path}`, text)
  for (const link of deadLinks()) process.stderr.write(`A link leads nowhere: ${link}\n`)
  if (deadLinks().length > 0) process.exitCode = 1
}
