import http from 'node:http'
const v = process.argv[2] ?? '4'
const port = Number(process.argv[3] ?? 3911)
const { Inngest, NonRetriableError } = await import(v === '3' ? '../../../node_modules/inngest3/index.js' : '../../../node_modules/inngest/index.js') as any
const { serve } = await import(v === '3' ? '../../../node_modules/inngest3/node.js' : '../../../node_modules/inngest/node.js') as any
const client = new Inngest({ id: 'app' + v, isDev: true, baseUrl: 'http://127.0.0.1:8377', ...(process.argv[4] === 'nocp' ? { checkpointing: false } : {}) })
const fn = (o: any, t: any, h: any) => v === '3' ? client.createFunction(o, t, h) : client.createFunction({ ...o, triggers: [t] }, h)
const fns = [
  fn({ id: 'hello' }, { event: 'hello' }, async ({ step }: any) => { const a = await step.run('a', () => 1); await step.sleep('z', '300ms'); const b = await step.run('b', () => a + 1); return { a, b } }),
  fn({ id: 'par' }, { event: 'par' }, async ({ step }: any) => { const r = await Promise.all([step.run('p1', () => 1), step.run('p2', () => 2), step.sleep('ps', '200ms'), step.run('p3', async () => 3)]); const c = await step.run('after', () => r); return c }),
  fn({ id: 'race' }, { event: 'race' }, async ({ step }: any) => { const r = await Promise.race([step.run('r1', () => new Promise((r) => setTimeout(() => r('slow'), 800))), step.run('r2', () => 'fast').then((x: any) => step.run('r2b', () => x + '!'))]); return r }),
  fn({ id: 'err', retries: 2, onFailure: async ({ event, step }: any) => { console.log('ONFAILURE', event.data.event.data, event.data.error.message); await step.run('x', () => 1) } }, { event: 'err' }, async ({ step, attempt }: any) => { await step.run('ok', () => 1); await step.run('boom', () => { throw new Error('boom') }) }),
  fn({ id: 'catch', retries: 1 }, { event: 'catch' }, async ({ step }: any) => { try { await step.run('boom', () => { throw new Error('boom') }) } catch (e: any) { return 'caught ' + e.message } }),
  fn({ id: 'wait' }, { event: 'wait' }, async ({ step }: any) => { const e = await step.waitForEvent('w', { event: 'go', timeout: '2s', match: 'data.id' }); const n = await step.waitForEvent('n', { event: 'never', timeout: '300ms' }); return { e: e?.data, n } }),
  fn({ id: 'child' }, { event: 'child' }, async ({ event, step }: any) => { await step.run('c', () => 1); if (event.data.fail) throw new NonRetriableError('child boom'); return { got: event.data } }),
  fn({ id: 'parent' }, { event: 'parent' }, async ({ step }: any) => { const r = await step.invoke('i', { function: fns[6], data: { x: 1 } }); let f; try { await step.invoke('i2', { function: fns[6], data: { fail: true } }) } catch (e: any) { f = e.message } ; return { r, f } }),
  fn({ id: 'cancel', cancelOn: [{ event: 'stop', match: 'data.id' }] }, { event: 'cancel' }, async ({ step }: any) => { await step.sleep('long', '1h'); return 1 }),
  fn({ id: 'send' }, { event: 'send' }, async ({ step }: any) => { const r = await step.sendEvent('s', { name: 'other', data: {} }); return r }),
  fn({ id: 'cron' }, { cron: '* * * * *' }, async () => 'tick'),
]
http.createServer(serve({ client, functions: fns })).listen(port, '127.0.0.1', async () => {
  const r = await fetch(`http://127.0.0.1:${port}/api/inngest`, { method: 'PUT' })
  console.log('sync', r.status, await r.text())
  const names = ['hello', 'par', 'race', 'err', 'catch', 'wait', 'parent', 'cancel', 'send']
  await client.send(names.map((name) => ({ name, data: { id: 'k' + v } })))
  await new Promise((r) => setTimeout(r, 700))
  await client.send([{ name: 'go', data: { id: 'other' } }, { name: 'go', data: { id: 'k' + v, hi: 1 } }, { name: 'stop', data: { id: 'k' + v } }])
  await new Promise((r) => setTimeout(r, 4000))
  const runs = await (await fetch('http://127.0.0.1:8377/runs')).json() as any[]
  for (const r of runs) console.log(r.slug.padEnd(20), r.row.status.padEnd(10), r.output)
  process.exit(0)
})
