#!/usr/bin/env -S npx tsx
// The program from its sources, without bundling: npx tsx bin/dev.js tenant list
import { settings } from '@oclif/core'
import { main } from '../src/main.ts'

settings.debug = true
process.env.NODE_ENV ??= 'development'
await main(process.argv.slice(2), import.meta.url)
