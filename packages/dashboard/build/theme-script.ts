// Puts the script that chooses light or dark before the style sheet, as a file of its own with a hash in its name:
// inline it would break the content policy, and as a module it would run after the first paint and flash.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

const source = new URL('../src/frame/theme-boot.js', import.meta.url)

/** Vite plugin that emits `assets/theme-<hash>.js` and names it first in the head of the page. */
export function themeScript(): Plugin {
  let isServing = false
  const text = readFileSync(source, 'utf8').replace(/^\/\/.*\n/gm, '')
  const name = `assets/theme-${createHash('sha256').update(text).digest('base64url').slice(0, 8)}.js`
  return {
    name: 'pawl-theme-script',
    configResolved(config) {
      isServing = config.command === 'serve'
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: name, source: text })
    },
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'script',
          attrs: { src: isServing ? '/src/frame/theme-boot.js' : `./${name}` },
          injectTo: 'head-prepend',
        },
      ],
    },
  }
}
