// Starts a TypeScript program of this repository: `node tools/run.js packages/cli/src/main.ts dev`. Written so that any
// Node can read it: an old one gets a sentence instead of a syntax error.
var v = process.versions.node.split('.')
if (v[0] > 24 || (v[0] === '24' && v[1] >= 15)) {
  process.argv.splice(1, 1)
  import('node:url').then((url) => import(url.pathToFileURL(process.argv[1])))
} else {
  console.error(
    'This repository needs Node.js 24.15 or newer; this is ' +
      process.version +
      '. On Linux x64 `npm ci` brings it along; elsewhere see https://nodejs.org',
  )
  process.exitCode = 1
}
