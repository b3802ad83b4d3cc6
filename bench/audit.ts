/** `npm run bench:audit [invoices]`: how long each check of the book takes, on rows generated in SQL on a server of its own. */
import { auditBook } from '../src/billing/audit/audit-book.js'
import { largeBook } from '../test/support/large-book.js'
import { withThrowAwayServer } from '../test/support/server.js'

const invoices = Number(process.argv[2] ?? 100_000)

await withThrowAwayServer(async (ctx) => {
  await largeBook(ctx, invoices)
  const events = auditBook(ctx, { from: null, to: null })
  for (;;) {
    const next = await events.next()
    if (next.done) {
      const { audit, findings } = next.value
      console.log(
        `${audit.invoices} invoices, ${audit.lines} lines: ${audit.duration_ms} ms, ${audit.findings} findings`,
      )
      for (const finding of findings.slice(0, 10)) console.log(finding)
      break
    }
    const { code, duration_ms } = next.value.check
    console.log(`${String(duration_ms).padStart(6)} ms  ${code}`)
  }
})
