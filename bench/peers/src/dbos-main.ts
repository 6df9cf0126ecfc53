// DBOS on the bench's PostgreSQL: workflows without a step, and workflows of ten steps, called directly, which is its fastest way.

import { DBOS } from '@dbos-inc/dbos-sdk'
import { STEP_COUNT } from '../../src/apps/answers.ts'
import { servePeer } from './peer.ts'

DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: process.argv[2] ?? '',
  logLevel: 'error',
  runAdminServer: false,
})

const noop = DBOS.registerWorkflow(async () => 'done', { name: 'noop' })
const ten = DBOS.registerWorkflow(
  async () => {
    for (let index = 0; index < STEP_COUNT; index += 1) {
      await DBOS.runStep(async () => index, { name: `step-${index}` })
    }
    return 'done'
  },
  { name: 'ten' },
)
await DBOS.launch()

await servePeer(async (jobDone) => {
  const start = (workflow: () => Promise<string>) => async (count: number) => {
    await Promise.all(Array.from({ length: count }, () => workflow().then(jobDone)))
  }
  // A lane is a workflow at a time: as many as the null app keeps under way.
  return { window: 64, batch: 1, add: start(noop), addSequences: start(ten) }
})
