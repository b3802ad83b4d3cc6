/** What a person reads after `config show`. */
import { formatTable, type Column } from './table.js'
import type { ResolvedSetting } from '../kernel/config.js'
import type { ShownSettings } from '../views/settings.js'
import type { Terminal } from './terminal.js'

/** From this width on there is room for what each setting is about. */
const roomy = 140

export function formatSettings({ settings, files }: ShownSettings, { width, out }: Terminal): string {
  const columns: Column<ResolvedSetting>[] = [
    { title: 'Setting', value: (setting) => setting.name },
    { title: 'Value', value: (setting) => setting.value, flexible: true },
    {
      title: 'From',
      value: ({ origin }) => (origin === 'unset' || origin === 'default' ? out.dim(origin) : origin),
      flexible: true,
    },
    ...(width < roomy ? [] : [{ title: 'About', value: (setting: ResolvedSetting) => setting.about }]),
  ]
  const lines = files.map(({ path, exists }) => `  ${path}${exists ? '' : out.dim(' (not there)')}`)
  return `${formatTable(settings, columns, width, out.bold)}\n\nFiles, after the environment:\n${lines.join('\n')}`
}
