/** `doctor`: whether this machine and its database are fit for erpmax. */
import { BaseCommand } from '../terminal/base-command.js'
import { formatCheckUp, formatDiagnosis } from '../terminal/doctor-report.js'
import { diagnose, type Diagnosis } from '../views/doctor/diagnose.js'

export default class Doctor extends BaseCommand {
  static override summary =
    'Check settings, files, database and tenants, and say what to do about each fault.'
  static override description =
    'Works without a database too, and never makes one. Exit code 0 where there is no problem, 9 where the database cannot be reached, 1 otherwise; warnings do not count.'
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json']

  async run(): Promise<Diagnosis> {
    await this.parse(Doctor)
    const patient = {
      settings: () => this.settings,
      files: this.settingFiles,
      open: () => this.open('bare', { announce: false }),
    }
    const diagnosis = await this.reportEach(diagnose(patient), formatCheckUp)
    if (diagnosis.reachable === false) this.endAs('dependency')
    else if (!diagnosis.healthy) this.endAs('failure')
    return this.report(diagnosis, formatDiagnosis)
  }
}
