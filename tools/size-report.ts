// Prints how the sources stand against what we aim for. Aims, not gates: a file of 450 lines that reads straight down is
// better than three that do not. Counts packages/*/src without tests, suites and generated files. A function is one with
// a body in braces; its length goes from its first to its last line, and a function inside another one counts for both.
import { usesOf } from './boundaries.ts'
import { asNode, lineCount, type Node, nodesOf, productSources, type SourceFile, unitTests } from './source-tree.ts'

export interface Measure {
  readonly name: string
  readonly value: string
  readonly aim: string
}

/** All measures, and the longest of what is longer than it should be. */
export function sizeReport(): { readonly measures: readonly Measure[]; readonly longest: readonly string[] } {
  const files = productSources()
  const functions = files.flatMap(functionsOf)
  const lengths = files.map(lengthOf)
  const functionLengths = functions.map(({ lines }) => lines)
  return {
    measures: [
      { name: 'files', value: String(files.length), aim: '' },
      { name: 'file length, median / p90 / max', value: spread(lengths), aim: '100 / 250; think again past 400' },
      { name: 'files over 400 lines', value: String(lengths.filter((lines) => lines > 400).length), aim: '0' },
      { name: 'functions', value: String(functions.length), aim: '' },
      {
        name: 'function length, median / p90 / max',
        value: spread(functionLengths),
        aim: '10 / 30; think again past 70',
      },
      {
        name: 'functions over 70 lines',
        value: String(functionLengths.filter((lines) => lines > 70).length),
        aim: '0',
      },
      {
        name: 'functions with more than 3 parameters',
        value: String(functions.filter(({ parameters }) => parameters > 3).length),
        aim: '0',
      },
      {
        name: 'folders below src, at most',
        value: String(Math.max(0, ...files.map(({ inside }) => inside.split('/').length - 1))),
        aim: '1, seldom 2',
      },
      { name: "names exported by the engine's door", value: String(doorNames(files, 'engine').length), aim: '12' },
      { name: 'any, @ts-ignore', value: String(files.reduce((sum, file) => sum + escapes(file), 0)), aim: '0' },
      ...['Date.now', 'Math.random', 'process.env'].map((name) => ({
        name: `files that use ${name}`,
        value: String(files.filter((file) => usesOf(file, name) > 0).length),
        aim: '1 each',
      })),
      {
        name: 'real sleeps in unit tests',
        value: String(unitTests().reduce((sum, file) => sum + usesOf(file, 'setTimeout'), 0)),
        aim: '0',
      },
      { name: 'exports of the doors with a doc comment', value: documentedShare(files), aim: 'all' },
    ],
    longest: [
      ...files.filter((file) => lengthOf(file) > 400).map((file) => `${file.path}: ${lengthOf(file)} lines`),
      ...functions
        .filter(({ lines }) => lines > 70)
        .map(({ file, name, lines }) => `${file.path}, ${name}: ${lines} lines`),
      ...functions
        .filter(({ parameters }) => parameters > 3)
        .map(({ file, name, parameters }) => `${file.path}, ${name}: ${parameters} parameters`),
    ],
  }
}

/** The report as text. */
export function reportText(): string {
  const { measures, longest } = sizeReport()
  const width = Math.max(...measures.map(({ name }) => name.length))
  const rows = measures.map(({ name, value, aim }) =>
    `  ${name.padEnd(width)}  ${value.padEnd(18)}${aim === '' ? '' : `aim ${aim}`}`.trimEnd(),
  )
  return [...rows, ...longest.map((line) => `  over the aim: ${line}`)].join('\n')
}

interface FunctionSize {
  readonly file: SourceFile
  readonly name: string
  readonly lines: number
  readonly parameters: number
}

function functionsOf(file: SourceFile): readonly FunctionSize[] {
  const found: FunctionSize[] = []
  for (const { node, parent } of nodesOf(file.tree)) {
    if (!['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type)) continue
    const hasBraces =
      ['BlockStatement', 'FunctionBody'].includes(asNode(node.body)?.type ?? '') &&
      file.text[asNode(node.body)?.start ?? 0] === '{'
    if (!hasBraces) continue
    const named = asNode(node.id) ?? asNode(parent?.key) ?? asNode(parent?.id)
    const parameters = Array.isArray(node.params) ? node.params.length : 0
    found.push({
      file,
      name: String(named?.name ?? 'a function without a name'),
      lines: lineCount(file, node),
      parameters,
    })
  }
  return found
}

function lengthOf(file: SourceFile): number {
  return file.text.trimEnd().split('\n').length
}

/** Types written as `any`, and comments that switch the compiler off. */
function escapes(file: SourceFile): number {
  const anys = [...nodesOf(file.tree)].filter(({ node }) => node.type === 'TSAnyKeyword').length
  return anys + (file.text.match(/@ts-(ignore|nocheck|expect-error)/g)?.length ?? 0)
}

function doorNames(files: readonly SourceFile[], packageName: string): readonly string[] {
  const door = files.find((file) => file.packageName === packageName && file.inside === 'index.ts')
  return door === undefined ? [] : exportsOf(door).map(({ name }) => name)
}

interface Exported {
  readonly name: string
  readonly node: Node
}

function exportsOf(file: SourceFile): readonly Exported[] {
  return [...nodesOf(file.tree)].flatMap(({ node }) => {
    if (node.type !== 'ExportNamedDeclaration') return []
    const declaration = asNode(node.declaration)
    if (declaration !== undefined) return declaredNames(declaration).map((name) => ({ name, node }))
    const specifiers = Array.isArray(node.specifiers) ? node.specifiers : []
    return specifiers.map((specifier) => ({ name: String(asNode(asNode(specifier)?.exported)?.name), node }))
  })
}

function declaredNames(declaration: Node): readonly string[] {
  const several = declaration.declarations
  const named = Array.isArray(several) ? several.map((each) => asNode(asNode(each)?.id)) : [asNode(declaration.id)]
  return named.flatMap((id) => (typeof id?.name === 'string' ? [id.name] : []))
}

/** Of the names that the doors give out: how many have a comment where they are declared. */
function documentedShare(files: readonly SourceFile[]): string {
  const wanted = new Set(
    files
      .filter((file) => file.inside === 'index.ts')
      .flatMap((file) => exportsOf(file).map(({ name }) => `${file.packageName} ${name}`)),
  )
  const declared = files.flatMap((file) =>
    exportsOf(file)
      .filter(({ name, node }) => asNode(node.declaration) !== undefined && wanted.has(`${file.packageName} ${name}`))
      .map(({ node }) => hasComment(file, node)),
  )
  return `${declared.filter(Boolean).length} of ${declared.length}`
}

function hasComment(file: SourceFile, node: Node): boolean {
  return file.text.slice(0, node.start).trimEnd().endsWith('*/')
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return `${at(0.5)} / ${at(0.9)} / ${sorted.at(-1) ?? 0}`
}

if (import.meta.main) process.stdout.write(`${reportText()}\n`)
