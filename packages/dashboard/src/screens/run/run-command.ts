// Commands that do what a button of the page does, to be copied into a shell. Pure. No key is ever written into one: where
// the server asks for one, the command names a variable of the environment.

export interface CommandOptions {
  /** Address of the server, without a slash at its end. */
  readonly origin: string
  /** The server asks for a signing key. */
  readonly needsKey: boolean
}

/** Runs it again. */
export function rerunCommand(runId: string, options: CommandOptions): string {
  return curl(`${options.origin}/v2/runs/${encodeURIComponent(runId)}/rerun`, '{}', options)
}

/** Sends the run's event once more; every function that listens to it runs. */
export function eventCommand(
  event: { readonly name: string; readonly data: unknown },
  options: CommandOptions,
): string {
  const body = JSON.stringify({ name: event.name, data: event.data })
  return curl(`${options.origin}/v2/events`, body, options)
}

function curl(url: string, body: string, { needsKey }: CommandOptions): string {
  const lines = [
    `curl -X POST ${quoted(url)}`,
    ...(needsKey ? ['-H "Authorization: Bearer $INNGEST_SIGNING_KEY"'] : []),
    `-H 'Content-Type: application/json'`,
    `--data ${quoted(body)}`,
  ]
  return lines.join(' \\\n  ')
}

/** A word for a POSIX shell, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
