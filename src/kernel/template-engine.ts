/** Templates that people may edit: an unknown name is an error, there is no way to code or to files, work has an end. */
import { Liquid } from 'liquidjs'

export type TemplateEngine = Liquid

/**
 * @param root the folder of the templates, or several, the first that has one
 * @param form `html`: every value is escaped; `text`: it stands as it is
 */
export function templateEngine(root: string | string[], form: 'html' | 'text'): TemplateEngine {
  return new Liquid({
    root,
    extname: '.liquid',
    cache: true,
    strictFilters: true,
    strictVariables: true,
    ownPropertyOnly: true,
    dynamicPartials: false,
    // Characters of a template, milliseconds of a page (generous: machines are busy), and units of liquidjs for memory.
    parseLimit: 200_000,
    renderLimit: 30_000,
    memoryLimit: 20_000_000,
    ...(form === 'html' ? { outputEscape: 'escape' as const } : {}),
  })
}
