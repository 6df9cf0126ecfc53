import { describe, expect, it } from 'vitest'
import { parseBusyMs, parseStat, parseStatusMib } from './usage.ts'

describe('parseStat', () => {
  it('counts fields from the last parenthesis, whatever the name of the process', () => {
    const stat = '42 (a (b) c) S 1 77 77 0 -1 4194304 100 0 0 0 150 50 3 2 20 0 11 0 12345 1000 200'
    expect(parseStat(stat)).toEqual({ name: 'a (b) c', parent: 1, group: 77, cpuMs: 2050 })
  })
})

describe('parseStatusMib', () => {
  const status = 'Name:\tnode\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n'

  it('reads a size in MiB', () => {
    expect(parseStatusMib(status, 'VmRSS')).toBe(100)
  })

  it('is 0 for a process without memory of its own', () => {
    expect(parseStatusMib('Name:\tkthreadd\n', 'VmRSS')).toBe(0)
  })
})

describe('parseBusyMs', () => {
  it('leaves out what a core spent idle or waiting for a disk', () => {
    expect(parseBusyMs('cpu  100 20 30 999 888 4 5 6 0 0\ncpu0 1 1 1 1\n')).toBe(1650)
  })
})
