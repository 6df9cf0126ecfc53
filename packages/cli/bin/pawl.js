#!/usr/bin/env node
// Copied into the package as it is: any Node can read it, so that an old one gets a sentence instead of a syntax error.
var v = process.versions.node.split('.')
if (v[0] > 24 || (v[0] === '24' && v[1] >= 15)) import('../dist/main.js')
else {
  console.error(`pawl needs Node.js 24.15 or newer; this is ${process.version}. See https://nodejs.org`)
  process.exitCode = 1
}
