// Writes a `.br` and a `.gz` beside every text asset of the build, so that the server sends bytes from disk and never
// compresses on request. `index.html` is left out: the server rewrites its references for the path prefix.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const texts = new Set(['.js', '.css', '.svg', '.json', '.map'])
/** Below this a header costs more than it saves. */
const bytesMin = 512

/** Vite plugin that compresses what was written. */
export function compressAssets(): Plugin {
  let folder = ''
  return {
    name: 'pawl-compress-assets',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir, config.build.assetsDir)
    },
    closeBundle() {
      for (const file of readdirSync(folder)) {
        if (texts.has(extname(file))) compress(join(folder, file))
      }
    },
  }
}

function compress(path: string) {
  const bytes = readFileSync(path)
  if (bytes.length < bytesMin) return
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }))
}
