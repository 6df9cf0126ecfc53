// Starts a TypeScript program of this repository: `node tools/run.js packages/cli/src/main.ts dev`. Written so that any
// Node can read it: an old one gets a sentence instead of a syntax error. A server has its dashboard built first.
var v = process.versions.node.split('.')
var isNew = v[0] > 24 || (v[0] === '24' && v[1] >= 15)
if (isNew) process.argv.splice(1, 1)
var program = process.argv[1]
var isServer = /start\.ts$/.test(program) || process.argv.indexOf('dev') > 1 || process.argv.indexOf('start') > 1

function build() {
  return isServer ? import('./fresh-dashboard.ts').then((page) => page.freshDashboard()) : Promise.resolve()
}

if (isNew) {
  build()
    .then(() => import('node:url'))
    .then((url) => import(url.pathToFileURL(program)))
} else {
  console.error(
    'This repository needs Node.js 24.15 or newer; this is ' +
      process.version +
      '. On Linux x64 `npm ci` brings it along; elsewhere see https://nodejs.org',
  )
  process.exitCode = 1
}
