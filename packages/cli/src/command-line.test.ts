import { expect, test } from 'vitest'
import { buildProgram } from './command-line.ts'
import type { Flags } from './config.ts'
import { type CommandName, FOREIGN_FLAGS, isFor, OPTION_LIST } from './options.ts'

/** The command that ran, and its flags. */
async function given(...args: readonly string[]): Promise<readonly [CommandName, Flags] | undefined> {
  const ran: (readonly [CommandName, Flags])[] = []
  const program = buildProgram('1.2.3', {
    dev: async (flags) => void ran.push(['dev', flags]),
    start: async (flags) => void ran.push(['start', flags]),
  })
  await program.parseAsync(['node', 'pawl', ...args])
  return ran[0]
}

async function flagsOf(...args: readonly string[]): Promise<Flags | undefined> {
  return (await given(...args))?.[1]
}

test('flags come out under their own names', async () => {
  expect(
    await flagsOf(
      'dev',
      '-p',
      '8300',
      '-u',
      'http://a',
      '--sdk-url',
      'http://b',
      '--no-poll',
      '--in-memory',
      '-l',
      'debug',
    ),
  ).toEqual({
    port: '8300',
    'sdk-url': ['http://a', 'http://b'],
    'no-poll': true,
    'in-memory': true,
    'log-level': 'debug',
  })
})

test('what was not given is absent, so that environment and file count', async () => {
  expect(await flagsOf('dev')).toEqual({})
})

test('flags of the Inngest dev server are accepted', async () => {
  expect(await flagsOf('dev', '--persist', '--connect-gateway-port', '8289', '-u', 'http://a')).toEqual({
    persist: true,
    'connect-gateway-port': '8289',
    'sdk-url': ['http://a'],
  })
})

test('start has its keys several times', async () => {
  expect(await given('start', '--event-key', 'a', '--event-key', 'b', '--signing-key', '00,11')).toEqual([
    'start',
    { 'event-key': ['a', 'b'], 'signing-key': ['00,11'] },
  ])
})

test.each(['dev', 'start'] as const)('the help of %s names its options and hides the others', (name) => {
  const program = buildProgram('1.2.3', { dev: async () => {}, start: async () => {} })
  const help = program.commands.find((command) => command.name() === name)?.helpInformation() ?? ''
  for (const [, spec] of OPTION_LIST) {
    if (isFor(spec, name)) expect(help).toContain(`--${spec.flag}`)
    else expect(help).not.toContain(`--${spec.flag} `)
  }
  for (const flag of Object.keys(FOREIGN_FLAGS)) expect(help).not.toContain(`--${flag} `)
  expect(help.replace(/\s+/g, ' ')).toContain(name === 'dev' ? 'default: 5s' : 'default: 0.0.0.0, ::')
})
