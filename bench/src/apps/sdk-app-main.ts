// The SDK app, a process of its own: the official, unmodified SDK behind node:http, as a user would write it.
// Arguments: SDK version (3 or 4), checkpointing (on or off), the address where the server stands.

import { createServer, type RequestListener } from 'node:http'
import { Inngest as InngestV4 } from 'inngest'
import { serve as serveV4 } from 'inngest/node'
import { Inngest as InngestV3 } from 'inngest3'
import { serve as serveV3 } from 'inngest3/node'
import { slugPrefix } from '../stand/flavours.ts'
import { serveCommands, tellBench } from './messages.ts'
import { FAN_OUT } from './null-functions.ts'
import { type SdkArguments, SdkFunctions } from './sdk-functions.ts'

/** Ends of runs are told in bundles: one message each would cost the app some percent. */
const TELL_EVERY_MS = 5

const [, , version, checkpointing, baseUrl = ''] = process.argv
if ((version !== '3' && version !== '4') || (checkpointing !== 'on' && checkpointing !== 'off')) {
  throw new Error('the SDK app takes a version (3 or 4), on or off, and an address')
}
const functions = new SdkFunctions()
const client = {
  id: slugPrefix({ version, checkpointing }),
  isDev: true,
  baseUrl,
  checkpointing: checkpointing === 'on',
}

const app = createServer({ keepAliveTimeout: 120_000 }, version === '4' ? listenerV4() : listenerV3())
app.listen(0, '127.0.0.1', () => {
  serveCommands(async () => ({ is: 'collected', collected: functions.collect() }))
  setInterval(tellFinished, TELL_EVERY_MS)
  const address = app.address()
  tellBench({ is: 'ready', port: typeof address === 'object' && address !== null ? address.port : 0 })
})

/** Names, events and bodies of all functions. */
function definitions(): readonly { id: string; event: string; body: (args: SdkArguments) => Promise<string> }[] {
  const { noop, ten, latency, fan, parallel } = functions
  const bodies: Record<string, (args: SdkArguments) => Promise<string>> = { noop, ten, latency, parallel }
  const alone = Object.entries(bodies).map(([id, body]) => ({ id, event: `bench/${id}`, body }))
  const fans = Array.from({ length: FAN_OUT }, (_, index) => ({ id: `fan-${index}`, event: 'bench/fan', body: fan }))
  return [...alone, ...fans]
}

function listenerV4(): RequestListener {
  const inngest = new InngestV4(client)
  return serveV4({
    client: inngest,
    functions: definitions().map(({ id, event, body }) => inngest.createFunction({ id, triggers: [{ event }] }, body)),
  })
}

function listenerV3(): RequestListener {
  const inngest = new InngestV3(client)
  return serveV3({
    client: inngest,
    functions: definitions().map(({ id, event, body }) => inngest.createFunction({ id }, { event }, body)),
  })
}

function tellFinished(): void {
  const { endedRuns: runs, endedSteps: steps } = functions
  if (runs === 0 && steps === 0) return
  tellBench({ is: 'finished', runs, steps })
  functions.endedRuns = 0
  functions.endedSteps = 0
}
