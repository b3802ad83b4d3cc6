/** The document as a web page: `templates/invoice/<version>/document.liquid`, in which everything is escaped. */
import { Liquid } from 'liquidjs'
import { readLabels, templateFolder } from './labels.js'
import { viewDocument } from './view.js'
import type { BillingDocument } from '../document.js'

const engines = new Map<string, Liquid>()

export async function htmlDocument(document: BillingDocument): Promise<string> {
  const labels = await readLabels(document.template, document.language)
  const view = viewDocument(document, labels)
  return (await engineOf(document.template).renderFile('document', { view })) as string
}

/** People may edit templates: an unknown name is an error, there is no way to code or to files, and work has an end. */
function engineOf(version: BillingDocument['template']): Liquid {
  const known = engines.get(version)
  if (known) return known
  const engine = new Liquid({
    root: templateFolder(version),
    extname: '.liquid',
    cache: true,
    outputEscape: 'escape',
    strictFilters: true,
    strictVariables: true,
    ownPropertyOnly: true,
    dynamicPartials: false,
    // Characters of a template, milliseconds of a page (generous: machines are busy), and units of liquidjs for memory.
    parseLimit: 200_000,
    renderLimit: 30_000,
    memoryLimit: 20_000_000,
  })
  engines.set(version, engine)
  return engine
}
