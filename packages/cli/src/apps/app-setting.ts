// What an app must be started with to work with this server: said in the banner and in every message about an app that
// points elsewhere.
import type { CommandName } from '../options.ts'

/** Environment variables, as a person would type them. Keys are named, never shown. */
export function appSetting(command: CommandName, serverUrl: string): string {
  if (command === 'dev') return `INNGEST_DEV=${serverUrl}`
  return `INNGEST_BASE_URL=${serverUrl}, INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY`
}
