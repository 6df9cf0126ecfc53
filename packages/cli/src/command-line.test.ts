import { expect, test } from 'vitest'
import { buildProgram } from './command-line.ts'
import type { Flags } from './config.ts'
import { FOREIGN_FLAGS, OPTION_LIST } from './options.ts'

async function flagsOf(...args: readonly string[]): Promise<Flags> {
  let given: Flags = {}
  const program = buildProgram('1.2.3', {
    dev: async (flags) => {
      given = flags
    },
    start: async () => {},
  })
  await program.parseAsync(['node', 'pawl', ...args])
  return given
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

test('the help names every option and hides those without effect', () => {
  const program = buildProgram('1.2.3', { dev: async () => {}, start: async () => {} })
  const help = program.commands.find((command) => command.name() === 'dev')?.helpInformation() ?? ''
  for (const [, spec] of OPTION_LIST) expect(help).toContain(`--${spec.flag}`)
  for (const flag of Object.keys(FOREIGN_FLAGS)) expect(help).not.toContain(`--${flag} `)
  expect(help).toContain('default: 5s')
})
