// The storage tests on the model: what a simulated world stands on is a database like the others.
import { describeStore, farAway, type Place } from '@pawl/storage/conformance'
import { ModelDatabase, type ModelLink } from './model-database.ts'
import { ModelServer } from './model-server.ts'

const NOTHING: ReadonlySet<string> = new Set()

function model(isFar: boolean): Place {
  let server: ModelServer | null = null
  return {
    isKept: true,
    open: async ({ wall, ticks }) => {
      server ??= new ModelServer({
        now: wall,
        after: () => () => {},
        pace: async () => {},
        leaseMs: 30_000,
        deadlock: (says) => {
          throw new Error(says)
        },
        watch: { committed() {}, seq: () => 0, released() {} },
      })
      const link: ModelLink = {
        travel: async () => {},
        stray: async () => {},
        monotonic: ticks,
        hear: (listener) => listener,
        tell: () => NOTHING,
      }
      const database = new ModelDatabase(server, link)
      return isFar ? farAway(database) : database
    },
    remove: async () => {},
  }
}

describeStore('model', () => model(false))
describeStore('model, far away', () => model(true))
