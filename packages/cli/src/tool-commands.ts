// The commands that ask a running server, and their flags. What they do is loaded only when one of them runs.
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Tool, ToolOptions } from './commands/tool.ts'

/** Runs a tool and prints what it tells. */
export type RunTool = (options: ToolOptions, tool: () => Promise<Tool>) => Promise<void>

const DEFAULT_URL = 'http://localhost:8288'
const LIST_LIMIT = '100'
const jobs = () => import('./commands/jobs.ts')
const approvals = () => import('./commands/approvals.ts')

const JOB_EXAMPLES = `
Examples:
  pawl jobs create ping https://example.com/ping --every 15m
  pawl jobs create report https://example.com/report --every 1d --start-hour 9 --time-zone Europe/Berlin
  pawl jobs create sync https://example.com/sync --every 1h --method POST \\
    -H 'Authorization: Bearer {{secrets.TOKEN}}' --body-json '{"all": true}'
  pawl jobs run ping && pawl jobs runs ping

A job is named by its ID or its name. Every command takes --json, --url and --key (or PAWL_SIGNING_KEY).`

const APPROVAL_EXAMPLES = `
Examples:
  pawl approvals list
  pawl approvals approve 01J… --reason 'looks right' --arguments '{"shares": 5}'
  pawl approvals deny 01J… --reason 'too much'

Every command takes --json, --url and --key (or PAWL_SIGNING_KEY).`

/** Adds `jobs …` and `approvals …` to the program. */
export function addToolCommands(program: Command, run: RunTool): void {
  addJobs(group(program, 'jobs', 'URLs that a running server calls by the clock', JOB_EXAMPLES), run)
  addApprovals(group(program, 'approvals', 'what sessions ask people, and the answers', APPROVAL_EXAMPLES), run)
}

function group(program: Command, name: string, says: string, examples: string): Command {
  return program
    .command(name)
    .description(says)
    .addHelpText('after', examples)
    .showHelpAfterError(`Run \`pawl ${name} --help\` for the commands.`)
}

function addJobs(group: Command, run: RunTool): void {
  tool(group, 'list', 'list the jobs')
    .option('--limit <number>', 'jobs to list, at most', LIST_LIMIT)
    .option('--search <text>', 'part of the name')
    .action((options) => run(options, async () => (await jobs()).listJobs(options)))
  tool(group, 'create', 'make a job')
    .argument('<name>', 'what it is called')
    .argument('<target>', 'URL that it calls; may hold {{secrets.NAME}}')
    .requiredOption('--every <time>', 'whole minutes: 15, 15m, 2h, 1d')
    .option('--start-minute <number>', 'minute of the first slot (default: 0)')
    .option('--start-hour <number>', 'hour of the first slot (default: 0)')
    .option('--time-zone <name>', 'IANA name (default: UTC)')
    .option('--anchor-date <date>', 'YYYY-MM-DD from where days are counted')
    .option('--method <method>', 'GET, POST, PUT, PATCH, DELETE or HEAD (default: GET)')
    .option('-H, --header <header>', '"Name: value"; may be repeated, and hold {{secrets.NAME}}', collect)
    .option('--body <text>', 'body, sent as it is')
    .option('--body-json <json>', 'body, sent as JSON')
    .option('--timeout <seconds>', '1 to 300 (default: 30)')
    .option('--paused', 'do not call it before it is resumed')
    .action((name, target, options) => run(options, async () => (await jobs()).createJob(name, target, options)))
  tool(group, 'pause', 'leave out its slots from now on')
    .argument('<job>', 'ID or name')
    .action((job, options) => run(options, async () => (await jobs()).pauseJob(job)))
  tool(group, 'resume', 'call it by the clock again')
    .argument('<job>', 'ID or name')
    .action((job, options) => run(options, async () => (await jobs()).resumeJob(job)))
  tool(group, 'run', 'call it now')
    .argument('<job>', 'ID or name')
    .action((job, options) => run(options, async () => (await jobs()).runJob(job)))
  tool(group, 'runs', 'list its runs, newest first')
    .argument('<job>', 'ID or name')
    .option('--limit <number>', 'runs to list, at most', LIST_LIMIT)
    .addOption(choices('--status <status>', ['queued', 'running', 'success', 'failure', 'skipped']))
    .action((job, options) => run(options, async () => (await jobs()).listJobRuns(job, options)))
  tool(group, 'delete', 'delete it, and its runs within a day')
    .argument('<job>', 'ID or name')
    .action((job, options) => run(options, async () => (await jobs()).deleteJob(job)))
}

function addApprovals(group: Command, run: RunTool): void {
  const statuses = ['pending', 'approved', 'denied', 'answered', 'expired', 'cancelled'] as const
  tool(group, 'list', 'list what waits for an answer, oldest first')
    .option('--limit <number>', 'requests to list, at most', LIST_LIMIT)
    .addOption(choices('--status <status>', statuses))
    .action((options) => run(options, async () => (await approvals()).listApprovals(options)))
  tool(group, 'approve', 'approve a request')
    .argument('<request>', 'ID')
    .option('--arguments <json>', 'other arguments than those that were asked for')
    .option('--reason <text>', 'why, for the record')
    .action((request, options) => run(options, async () => (await approvals()).approve(request, options)))
  tool(group, 'deny', 'deny a request')
    .argument('<request>', 'ID')
    .option('--reason <text>', 'why, for the record')
    .action((request, options) => run(options, async () => (await approvals()).deny(request, options)))
}

/** A command with the flags that all of them have. */
function tool(group: Command, name: string, says: string): Command {
  return group
    .command(name)
    .description(says)
    .option('--json', 'print the answer as JSON')
    .option('--url <url>', 'of the server', DEFAULT_URL)
    .option('--key <key>', 'signing key; PAWL_SIGNING_KEY or INNGEST_SIGNING_KEY is not seen in the list of processes')
}

function choices(flags: string, words: readonly string[]): Option {
  return new Option(flags, 'may be repeated').argParser((value: string, earlier: unknown) => {
    if (!words.includes(value)) throw new InvalidArgumentError(`It is one of ${words.join(', ')}.`)
    return collect(value, earlier)
  })
}

function collect(value: string, earlier: unknown): readonly string[] {
  return [...(Array.isArray(earlier) ? earlier : []), value]
}
