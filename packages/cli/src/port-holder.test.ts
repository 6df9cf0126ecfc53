import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { findPortHolder, listeningInodes } from './port-holder.ts'

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2060 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41234 1 0 100 0 0 10 0
   1: 0100007F:2061 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41235 1 0 100 0 0 10 0
   2: 0100007F:2060 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 41236 1 0 20 4 30 10 -1
`

test('only sockets that listen on the port count', () => {
  expect(listeningInodes(TABLE, 8288)).toEqual(['41234'])
  expect(listeningInodes(TABLE, 8290)).toEqual([])
  expect(listeningInodes('', 8288)).toEqual([])
})

test.runIf(process.platform === 'linux')('the holder of a port of ours is this process', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  expect(findPortHolder(port)).toMatchObject({ pid: process.pid })
  server.close()
})
