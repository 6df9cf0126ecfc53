// Builds the page into `dist`: relative addresses, so that one build works below any path prefix, and no inline script,
// because the content policy forbids it. What the first page does not need (editor, charts, palette) stays out of its
// chunks; the kit's own files decide that by importing those parts dynamically.

import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressAssets } from './build/compress-assets.ts'
import { themeScript } from './build/theme-script.ts'

/** Address of the server in `vite dev`; the built page is served by the server itself. */
const server = process.env.PAWL_URL ?? 'http://127.0.0.1:8288'

export default defineConfig({
  base: './',
  plugins: [react(), tailwindcss(), themeScript(), compressAssets()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    // Vite's polyfill of module preloading is for browsers below es2022.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        chunkFileNames: (chunk) => `assets/${nameOf(chunk.facadeModuleId ?? '', chunk.name)}-[hash].js`,
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\//, priority: 3 },
            { name: 'tanstack', test: /node_modules\/@tanstack\/(?!.*virtual)/, priority: 2 },
          ],
        },
      },
    },
  },
  server: {
    port: 5288,
    proxy: { '/v1': server, '/v2': server, '/api': server },
  },
})

/** Screens are all called `screen.tsx`: their folder says which. */
function nameOf(path: string, name: string): string {
  return /\/screens\/([\w-]+)\/[\w-]+\.tsx$/.exec(path)?.[1] ?? name
}
