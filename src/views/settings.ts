/** `config show`: each setting, what it is worth and where it comes from; needs no database. */
import type { Config, Environment, ResolvedSetting, SettingFile } from '../kernel/config.js'

export interface ShownSettings {
  environment: Environment
  settings: ResolvedSetting[]
  files: SettingFile[]
}

/** @param files those that settings may come from */
export function showSettings(config: Config, files: SettingFile[]): ShownSettings {
  return { environment: config.environment, settings: config.describe(), files }
}
