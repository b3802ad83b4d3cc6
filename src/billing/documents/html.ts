/** The document as a web page: `templates/invoice/<version>/document.liquid`, in which everything is escaped. */
import { templateEngine, type TemplateEngine } from '../../kernel/template-engine.js'
import { readLabels, templateFolder } from './labels.js'
import { viewDocument } from './view.js'
import type { BillingDocument } from '../document.js'

const engines = new Map<string, TemplateEngine>()

export async function htmlDocument(document: BillingDocument): Promise<string> {
  const labels = await readLabels(document.template, document.language)
  const view = viewDocument(document, labels)
  return (await engineOf(document.template).renderFile('document', { view })) as string
}

function engineOf(version: BillingDocument['template']): TemplateEngine {
  const known = engines.get(version)
  if (known) return known
  const engine = templateEngine(templateFolder(version), 'html')
  engines.set(version, engine)
  return engine
}
