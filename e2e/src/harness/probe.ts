import * as v4 from 'inngest'
import * as v3 from 'inngest3'
import type { RunContext } from './sdk.ts'
const c4 = new v4.Inngest({ id: 'x' })
const c3 = new v3.Inngest({ id: 'x' })
const h = (ctx: RunContext): unknown => ctx.runId
export const f4 = c4.createFunction({ id: 'a', triggers: [{ event: 'x' }] }, h)
export const f3 = c3.createFunction({ id: 'a' }, [{ event: 'x' }], h)
