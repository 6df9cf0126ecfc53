// What processes have used, read from /proc: CPU from `stat`, memory from `status`. Linux only.
// A server may be several processes (a wrapper and the program), so its whole process group is counted; a database server is a
// process with children of its own.

import { readdirSync, readFileSync } from 'node:fs'

/** A clock tick of /proc/<pid>/stat is 10 ms on every Linux that Node runs on (USER_HZ = 100). */
const TICK_MS = 10

/** One line of /proc/<pid>/stat, as far as it is needed. */
interface ProcessStat {
  readonly name: string
  readonly parent: number
  readonly group: number
  /** User and system time of the process and of its ended children, in milliseconds. */
  readonly cpuMs: number
}

/** Reads a line of /proc/<pid>/stat. The name in parentheses may hold spaces, so fields count from the last `)`. */
export function parseStat(text: string): ProcessStat {
  const nameEnd = text.lastIndexOf(')')
  const fields = text.slice(nameEnd + 2).split(' ')
  const field = (number: number) => Number(fields[number - 3] ?? Number.NaN)
  return {
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    parent: field(4),
    group: field(5),
    cpuMs: (field(14) + field(15) + field(16) + field(17)) * TICK_MS,
  }
}

/** Reads one size in kB out of /proc/<pid>/status, in MiB; 0 when it is not there. */
export function parseStatusMib(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)
  return match?.[1] === undefined ? 0 : Number(match[1]) / 1024
}

/** Reads the first line of /proc/stat: milliseconds in which some core of the machine was busy, or taken away by its host. */
export function parseBusyMs(text: string): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = text.split(/\s+/, 9).map(Number)
  return (user + nice + system + irq + softirq + steal) * TICK_MS
}

/** CPU milliseconds that one process has used so far, with those of its ended children. */
export function processCpuMs(pid: number): number {
  return statOf(pid)?.cpuMs ?? 0
}

/** CPU milliseconds that a process and its children, living and ended, have used so far. */
export function familyCpuMs(parent: number): number {
  return sum(pidsWhere((stat, pid) => pid === parent || stat.parent === parent).map(processCpuMs))
}

/** CPU milliseconds that the processes of a group have used so far. */
export function groupCpuMs(group: number): number {
  return sum(pidsWhere((stat) => stat.group === group).map(processCpuMs))
}

/** Resident memory of the processes of a group, in MiB. */
export function groupRssMib(group: number): number {
  const pids = pidsWhere((stat) => stat.group === group)
  return sum(pids.map((pid) => parseStatusMib(readProc(pid, 'status') ?? '', 'VmRSS')))
}

/** Processes of a group, without the shells among them. */
export function programsOf(group: number): readonly number[] {
  return pidsWhere((stat) => stat.group === group && stat.name !== 'sh')
}

function pidsWhere(isWanted: (stat: ProcessStat, pid: number) => boolean): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    const stat = statOf(pid)
    return stat !== undefined && isWanted(stat, pid)
  })
}

function statOf(pid: number): ProcessStat | undefined {
  const text = readProc(pid, 'stat')
  return text === undefined ? undefined : parseStat(text)
}

function readProc(pid: number, file: 'stat' | 'status'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined // The process has ended.
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
