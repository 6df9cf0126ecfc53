// The rules about who may import whom and who may touch the outside world, checked on the sources. A boundary that a
// program shows is one that nobody has to remember.
import { posix } from 'node:path'
import { asNode, importsOf, type Node, nodesOf, productSources, type SourceFile } from './source-tree.ts'

/** Rooms of the engine; a room may import only rooms of a lower number. Those of number 0 are leaves. */
const ENGINE_ROOMS: Readonly<Record<string, number>> = {
  cron: 0,
  expression: 1,
  drivers: 0,
  history: 0,
  seal: 0,
  waits: 2,
  lines: 2,
  runs: 3,
  queue: 4,
  flow: 4,
  match: 5,
  why: 5,
  jobs: 5,
  ingest: 6,
  execute: 6,
  bulk: 6,
  sessions: 6,
  apps: 7,
  development: 8,
}

/** Arrows point one way: a package imports only those to its right. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  storage: ['protocol'],
  engine: ['storage', 'protocol'],
  server: ['engine', 'storage', 'protocol'],
  cli: ['server', 'engine', 'storage', 'protocol'],
  dashboard: ['sessions'],
  sessions: [],
}

/** The outside world; each is used in at most one file of a package, behind an interface. */
const WORLD: readonly string[] = ['Date.now', 'new Date()', 'Math.random', 'process.env', 'console', 'fetch']

/** In the engine timers too: a simulator brings its own time. Elsewhere they only bound sockets and threads. */
const TIMERS: readonly string[] = ['setTimeout', 'setInterval']

/** All violations, one sentence each. */
export function boundaryFaults(): readonly string[] {
  const files = productSources()
  return [...files.flatMap((file) => [...arrowFaults(file), ...roomFaults(file)]), ...worldFaults(files)]
}

function arrowFaults(file: SourceFile): readonly string[] {
  const allowed = ARROWS[file.packageName] ?? []
  return importsOf(file).flatMap((source) => {
    const target = /^@pawl\/([^/]+)/.exec(source)?.[1]
    if (target !== undefined && !allowed.includes(target))
      return [`${file.path} imports ${source}: ${file.packageName} may import ${allowed.join(', ') || 'none of ours'}`]
    if (file.packageName !== 'cli' && /^@pawl\/storage\/(sqlite|postgres)$/.test(source))
      return [`${file.path} imports ${source}: databases are joined in cli only`]
    const outside = source.startsWith('.') && posix.join(posix.dirname(`src/${file.inside}`), source).startsWith('..')
    return outside ? [`${file.path} imports ${source}: packages are entered through their doors`] : []
  })
}

function roomFaults(file: SourceFile): readonly string[] {
  if (file.packageName !== 'engine' || !file.inside.includes('/')) return []
  const own = roomOf(file.inside)
  const level = ENGINE_ROOMS[own]
  if (level === undefined) return [`${file.path} stands in a room without a place in the stack`]
  return importsOf(file).flatMap((source) => {
    if (!source.startsWith('.')) return []
    const target = posix.join(posix.dirname(file.inside), source)
    const room = roomOf(target)
    if (!target.includes('/') || room === own) return []
    const below = ENGINE_ROOMS[room]
    return below !== undefined && below < level
      ? []
      : [`${file.path} imports ${source}: ${own} stands beside or below ${room}`]
  })
}

function roomOf(inside: string): string {
  return inside.split('/')[0] ?? ''
}

/** The engine without its drivers, which are the network itself. */
function isSimulated({ packageName, inside }: SourceFile): boolean {
  return packageName === 'engine' && !inside.startsWith('drivers/')
}

function worldFaults(files: readonly SourceFile[]): readonly string[] {
  return [...WORLD, ...TIMERS].flatMap((name) => {
    const bound = TIMERS.includes(name) ? files.filter(isSimulated) : files
    const byPackage = Map.groupBy(
      bound.filter((file) => usesOf(file, name) > 0),
      (file) => file.packageName,
    )
    return [...byPackage]
      .filter(([, users]) => users.length > 1)
      .map(
        ([packageName, users]) =>
          `${name} is used in ${users.length} files of ${packageName}: ${users.map((file) => file.inside).join(', ')}`,
      )
  })
}

/** How often a file touches one part of the outside world; mentions in comments and texts do not count. */
export function usesOf(file: SourceFile, name: string): number {
  return [...nodesOf(file.tree)].filter(({ node, parent }) => worldName(node, parent) === name).length
}

function worldName(node: Node, parent: Node | undefined): string | undefined {
  if (node.type === 'NewExpression')
    return isIdentifier(node.callee, 'Date') && isEmpty(node.arguments) ? 'new Date()' : undefined
  if (node.type === 'MemberExpression') {
    const object = asNode(node.object)
    const property = asNode(node.property)
    return `${String(object?.name)}.${String(property?.name)}`
  }
  if (node.type !== 'Identifier' || parent === undefined) return undefined
  const name = String(node.name)
  if (name === 'console') return parent.type === 'MemberExpression' && sameNode(parent.object, node) ? name : undefined
  return parent.type === 'CallExpression' && sameNode(parent.callee, node) ? name : undefined
}

function isIdentifier(value: unknown, name: string): boolean {
  return asNode(value)?.name === name
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

function sameNode(value: unknown, node: Node): boolean {
  const other = asNode(value)
  return other?.start === node.start && other.end === node.end
}
