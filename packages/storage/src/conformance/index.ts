// The one test of a database: every behaviour that the rooms above lean on, through the writer. Each kind of database
// runs it; where one cannot pass a case it is skipped here with its reason.
import { afterEach, beforeEach, describe } from 'vitest'
import { describeEventLists } from './event-lists.ts'
import { describeEvents } from './events.ts'
import { describeFences } from './fences.ts'
import { describeGroups } from './groups.ts'
import { describeItems } from './items.ts'
import { describeJobs } from './jobs.ts'
import { describeKeys } from './keys.ts'
import { describeLimits } from './limits.ts'
import { describeLines } from './lines.ts'
import { describeNamed } from './named.ts'
import { describeNow } from './now-lists.ts'
import { describeOutcomes } from './outcomes.ts'
import { describeReady } from './ready.ts'
import { describeRecords } from './records.ts'
import { describeRegistry } from './registry.ts'
import { describeReset } from './reset.ts'
import { describeRetention } from './retention.ts'
import { describeRunLists } from './run-lists.ts'
import { describeRuns } from './runs.ts'
import { describeSessions } from './sessions.ts'
import { describeStanding } from './standing.ts'
import { describeSteps } from './steps.ts'
import { describeTallies } from './tallies.ts'
import { describeTime } from './time.ts'
import { describeWaits } from './waits.ts'
import { describeWatch } from './watch.ts'
import { type Place, World } from './world.ts'

export { farAway } from './decorators.ts'
export { type Place, TestClock, World, withChanges } from './world.ts'

/** How the cases of one noun get at the world of the test that runs. */
export type Here = () => World

/** Runs all cases on a kind of database; each test has a place of its own. */
export function describeStore(name: string, makePlace: () => Place): void {
  describe(name, () => {
    let world: World | undefined
    let place: Place | undefined
    beforeEach(async () => {
      place = makePlace()
      world = await World.open(place)
    })
    afterEach(async () => {
      await world?.store.close()
      await place?.remove()
    })
    const here: Here = () => {
      if (world === undefined) throw new Error('The world is not open')
      return world
    }
    // A test that opens the store again hands the new world back, to be closed.
    const adopt = (next: World): World => {
      world = next
      return next
    }
    describeEvents(here)
    describeRuns(here)
    describeItems(here)
    describeReady(here)
    describeLimits(here)
    describeLines(here)
    describeNamed(here)
    describeSteps(here)
    describeWaits(here)
    describeRegistry(here)
    describeOutcomes(here)
    describeFences(here)
    describeGroups(here)
    describeKeys(here, adopt)
    describeTime(here, adopt)
    describeRetention(here)
    describeReset(here)
    describeStanding(here)
    describeRunLists(here)
    describeEventLists(here)
    describeNow(here)
    describeRecords(here)
    describeTallies(here, adopt)
    describeWatch(here)
    describeJobs(here)
    describeSessions(here)
  })
}
