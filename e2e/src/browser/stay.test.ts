import { writeFileSync, existsSync } from 'node:fs'
import { it } from 'vitest'
import { useDemo } from './demo.ts'
const demo = useDemo({ hours: 6 })
it('stays', async () => {
  writeFileSync('/tmp/stay.json', JSON.stringify({ url: demo.server.url, ...demo.runs }))
  while (!existsSync('/tmp/stay.stop')) await new Promise((r) => setTimeout(r, 500))
}, 3_600_000)
