import { describe, expect, test } from 'vitest'
import { runOf, span, T0 } from './span-kit.ts'
import { baseName, buildTree, type TreeNode } from './span-tree.ts'

const options = { runId: 'R1', name: 'Order' }

/** The tree as text: kind, name and the number of tries. */
function drawn(node: TreeNode, indent = ''): string[] {
  const loop = node.loop === undefined ? '' : ` #${node.loop}`
  return [`${indent}${node.kind} ${node.name}${loop}`, ...node.children.flatMap((child) => drawn(child, `${indent}  `))]
}

function segments(node: TreeNode | undefined): string[] {
  return (node?.segments ?? []).map(
    ({ kind, from, until }) => `${kind} ${from - T0}-${until === undefined ? '' : until - T0}`,
  )
}

describe('rows', () => {
  test('follow the order of first appearance below the run', () => {
    const tree = buildTree(runOf([span('a', { from: 0, until: 10 }), span('b', { from: 20, until: 30 })]), options)
    expect(drawn(tree)).toEqual(['run Order', '  step a', '  step b'])
  })

  test('of one loop stand under a row of their own and carry their place', () => {
    const pages = [1, 2, 3].map((n) => span('page', { from: n * 10, until: n * 10 + 5 }))
    const tree = buildTree(runOf([span('first', { from: 0, until: 5 }), ...pages]), options)
    expect(drawn(tree)).toEqual([
      'run Order',
      '  step first',
      '  loop page',
      '    step page #1',
      '    step page #2',
      '    step page #3',
    ])
  })

  test('whose names differ by a number at the end are one loop', () => {
    expect(['page-12', 'page 3', 'page', 'charge.1', 'item:07'].map(baseName)).toEqual([
      'page',
      'page',
      'page',
      'charge',
      'item',
    ])
  })

  test('planned together and overlapping are branches', () => {
    const tree = buildTree(
      runOf([
        span('stock', { queued: 5, from: 6, until: 40 }),
        span('card', { queued: 5, from: 7, until: 30 }),
        span('mail', { queued: 50, from: 51, until: 60 }),
      ]),
      options,
    )
    expect(drawn(tree)).toEqual(['run Order', '  parallel ', '    step stock', '    step card', '  step mail'])
  })

  test('of steps that took no time at one moment are no branches', () => {
    const tree = buildTree(runOf([span('a', { from: 5, until: 5 }), span('b', { from: 5, until: 5 })]), options)
    expect(tree.children.map((child) => child.kind)).toEqual(['step', 'step'])
  })

  test('of the function’s own calls never join a loop', () => {
    const { stepId: _, ...body } = span('execute', { from: 0, until: 5 })
    expect(buildTree(runOf([body, body, body]), options).children.map((child) => child.kind)).toEqual([
      'body',
      'body',
      'body',
    ])
  })
})

describe('a bar', () => {
  test('begins with the time in the queue', () => {
    const tree = buildTree(runOf([span('a', { queued: 10, from: 30, until: 50 })]), options)
    expect(segments(tree.children[0])).toEqual(['waiting 10-30', 'attempt 30-50'])
  })

  test('has a segment for each attempt and back-off between them', () => {
    const tries = [
      span('Attempt 0', { queued: 0, from: 5, until: 10, status: 'FAILED', attempts: 0 }),
      span('Attempt 1', { queued: 0, from: 40, until: 50, attempts: 1 }),
    ]
    const tree = buildTree(runOf([span('a', { queued: 0, from: 5, until: 50, children: tries })]), options)
    expect(segments(tree.children[0])).toEqual(['waiting 0-5', 'attempt 5-10', 'backoff 10-40', 'attempt 40-50'])
    expect(tree.children[0]?.segments[1]).toMatchObject({ status: 'FAILED', attempt: 0 })
    expect(tree.children[0]?.tries).toBe(2)
  })

  test('has no end while a retry is due', () => {
    const tries = [
      span('Attempt 0', { queued: 0, from: 0, until: 10, status: 'FAILED' }),
      span('Attempt 1', { queued: 10, status: 'WAITING' }),
    ]
    const tree = buildTree(runOf([span('a', { from: 0, children: tries })]), options)
    expect(segments(tree.children[0])).toEqual(['attempt 0-10', 'backoff 10-'])
  })

  test('of the function’s last call does not wait while its steps work', () => {
    const { stepId: _, ...body } = span('function success', { queued: 0, from: 90, until: 100 })
    expect(segments(buildTree(runOf([body]), options).children[0])).toEqual(['attempt 90-100'])
  })

  test('of what rests or waits for its next try is not shown as running', () => {
    const due = [
      span('Attempt 0', { from: 0, until: 10, status: 'FAILED' }),
      span('Attempt 1', { queued: 10, status: 'WAITING' }),
    ]
    const tree = buildTree(
      runOf([span('a', { from: 0, children: due }), span('nap', { from: 1, stepOp: 'SLEEP' }), span('b', { from: 2 })]),
      { ...options, status: 'WAITING' },
    )
    expect(tree.children.map((child) => child.status)).toEqual(['WAITING', 'WAITING', 'RUNNING'])
    expect(tree.status).toBe('WAITING')
  })

  test('of a sleep is at rest', () => {
    const tree = buildTree(
      runOf([span('nap', { from: 0, until: 90, stepOp: 'SLEEP' }), span('w', { from: 90, stepOp: 'WAIT_FOR_EVENT' })]),
      options,
    )
    expect(tree.children.flatMap(segments)).toEqual(['rest 0-90', 'rest 90-'])
  })
})

describe('an invoked run', () => {
  const invoke = span('call', { from: 0, until: 90, stepOp: 'INVOKE', stepInfo: { runID: 'R2' } })

  test('is named but not drawn before its trace was asked for', () => {
    const [call] = buildTree(runOf([invoke]), options).children
    expect(call).toMatchObject({ childRunId: 'R2', children: [] })
  })

  test('stands in its place with ids of its own', () => {
    const child = runOf([span('inner', { from: 20, until: 30 })])
    const [call] = buildTree(runOf([invoke]), { ...options, childTraces: new Map([['R2', { root: child }]]) }).children
    const [run] = call?.children ?? []
    expect(run).toMatchObject({ id: 'R2.run', kind: 'run', runId: 'R2', depth: 2 })
    expect(run?.children[0]).toMatchObject({
      name: 'inner',
      runId: 'R2',
      depth: 3,
      id: `R2.${child.children?.[0]?.id}`,
    })
  })

  test('says that it is being read, or why it could not be', () => {
    const of = (trace: 'loading' | { error: Error }) =>
      buildTree(runOf([invoke]), { ...options, childTraces: new Map([['R2', trace]]) }).children[0]?.children[0]
    expect(of('loading')?.kind).toBe('child-loading')
    expect(of({ error: new Error('gone') })).toMatchObject({ kind: 'child-failed', name: 'gone' })
  })

  test('that invokes itself ends at a depth', () => {
    const loop = runOf([span('again', { from: 0, until: 5, stepOp: 'INVOKE', stepInfo: { runID: 'R2' } })])
    const tree = buildTree(runOf([invoke]), { ...options, childTraces: new Map([['R2', { root: loop }]]) })
    expect(drawn(tree).length).toBeLessThan(30)
  })
})
