#!/usr/bin/env node
// The built program. --version answers before anything loads; compiled code is cached where Node can.
import module from 'node:module'

if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-v')) {
  const { readFileSync } = await import('node:fs')
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`erpmax/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else {
  module.enableCompileCache?.()
  const { main } = await import('../dist/main.js')
  await main(process.argv.slice(2), import.meta.url)
}
