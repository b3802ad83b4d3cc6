/** What a person reads after `feature set`, `unset` and `list`. */
import { formatTime } from './format.js'
import { formatTable } from './table.js'
import type { Page } from '../database/keyset.js'
import type { FeatureResult } from '../subscriptions/features.js'
import type { FeatureListItem } from '../views/features.js'
import type { Terminal } from './terminal.js'

/** What became of the flag, without the tenant's name: it stands before it. */
export function formatFeature({ flag, module, enabled, config, changed, dry_run }: FeatureResult): string {
  const name = module === null ? flag : `${flag} of ${module}`
  const state = enabled === null ? 'not set' : enabled ? 'on' : 'off'
  const written = JSON.stringify(config)
  const details = written === '{}' || enabled === null ? '' : ` with ${written}`
  if (!changed && enabled === null) return `${name} was not set: nothing changes`
  if (!changed) return `${name} is ${state}${details} already`
  return `${name} ${dry_run ? 'would be' : 'is'} ${state}${details}`
}

export function formatFeatures(
  { items }: Page<FeatureListItem>,
  tenant: string,
  { width, out }: Terminal,
): string {
  if (items.length === 0) return `No flag is set for ${tenant}.`
  return formatTable(
    items,
    [
      { title: 'Flag', value: (one) => one.flag, flexible: true },
      { title: 'Module', value: (one) => one.module },
      { title: 'State', value: (one) => (one.enabled ? out.green('on') : out.yellow('off')) },
      { title: 'Since', value: (one) => formatTime(one.updated_at) },
      { title: 'Configuration', value: (one) => JSON.stringify(one.config), flexible: true },
    ],
    width,
    out.bold,
  )
}
