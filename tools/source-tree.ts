// The sources of the packages as syntax trees, for the checks that a linter does not bring. Parsed by Rolldown's parser,
// because TypeScript 7 has no programming interface.
import { globSync, readFileSync } from 'node:fs'
import { parseAst } from 'rolldown/parseAst'
import { ROOT } from './run-program.ts'

/** Any node of the tree: its kind, its place in the text, its children. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string
  /** `engine` of packages/engine/src/… */
  readonly packageName: string
  /** From `src`, without it. */
  readonly inside: string
  readonly text: string
  readonly tree: Node
}

/** What is shipped: tests, suites and generated files are left out. */
export function productSources(): readonly SourceFile[] {
  return sources((path) => !isTest(path))
}

/** The tests that stand beside the sources. */
export function unitTests(): readonly SourceFile[] {
  return sources(isTest)
}

function sources(wanted: (path: string) => boolean): readonly SourceFile[] {
  return globSync('packages/*/src/**/*.ts', { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .filter(wanted)
    .sort()
    .map(readSource)
}

function isTest(path: string): boolean {
  return /\.test\.ts$|\/test-[^/]+\.ts$|\/(conformance|scenarios)\/|^packages\/testing\//.test(path)
}

function readSource(path: string): SourceFile {
  const [, packageName = '', , ...inside] = path.split('/')
  const text = readFileSync(`${ROOT}${path}`, 'utf8')
  const program: object = parseAst(text, { lang: 'ts' }, path)
  return {
    path,
    packageName,
    inside: inside.join('/'),
    text,
    tree: asNode(program) ?? { type: 'Program', start: 0, end: 0 },
  }
}

/** Goes over the tree, parents before children. */
export function* nodesOf(
  node: Node,
  parent?: Node,
): Generator<{ readonly node: Node; readonly parent: Node | undefined }> {
  yield { node, parent }
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      const next = asNode(child)
      if (next !== undefined) yield* nodesOf(next, node)
    }
  }
}

export function asNode(value: unknown): Node | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value && 'start' in value && 'end' in value))
    return undefined
  const { type, start, end } = value
  return typeof type === 'string' && typeof start === 'number' && typeof end === 'number'
    ? { ...value, type, start, end }
    : undefined
}

/** What a file imports or exports again, types included. */
export function importsOf(file: SourceFile): readonly string[] {
  const found: string[] = []
  for (const { node } of nodesOf(file.tree)) {
    if (
      !['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression'].includes(node.type)
    )
      continue
    const source = asNode(node.source)?.value
    if (typeof source === 'string') found.push(source)
  }
  return found
}

/** Lines from the first to the last of a node, both counted. */
export function lineCount(file: SourceFile, node: Node): number {
  return file.text.slice(node.start, node.end).split('\n').length
}
