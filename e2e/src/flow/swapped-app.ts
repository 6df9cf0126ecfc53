/**
 * An app whose functions change while it stands: the same app at the same URL, with other functions after each `become`.
 * It is what a deployment does, without the moment in which nothing answers.
 */
import { type App, type Served, serveListener } from '../harness/app.ts'
import { Ledger } from '../harness/ledger.ts'
import type { AppOptions, Kit, Sdk } from '../harness/sdk.ts'

export interface SwappedApp extends Served {
  readonly id: string
  readonly ledger: App['ledger']
  /** Replaces the functions and registers them. */
  become(define: (kit: Kit, ledger: Ledger) => void): Promise<void>
  event(name: string): string
}

/** Serves and registers an app. */
export async function serveSwappedApp(
  sdk: Sdk,
  options: AppOptions,
  define: (kit: Kit, ledger: Ledger) => void,
): Promise<SwappedApp> {
  const ledger = new Ledger()
  let built = sdk.build(options, (kit) => define(kit, ledger))
  const served = await serveListener((request, response) => built.listener(request, response))
  await served.sync()
  return {
    ...served,
    id: options.id,
    ledger,
    event: (name) => `${options.id}/${name}`,
    async become(next) {
      built = sdk.build(options, (kit) => next(kit, ledger))
      await served.sync()
    },
  }
}
