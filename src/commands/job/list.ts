/** `job list`: long work, newest first. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatJobs } from '../../terminal/job-report.js'
import { commaList, pageFlags } from '../../terminal/lists.js'
import { jobStates, listJobs, type JobList as List } from '../../views/jobs.js'

export default class JobList extends BaseCommand {
  static override summary = 'List jobs, newest first: what ran, how long it took, why it failed.'
  static override examples = [
    '<%= config.bin %> job list',
    '<%= config.bin %> job list --status failed,running',
    '<%= config.bin %> job list --tenant acme --kind tenant.create --json',
  ]
  static override flags = {
    status: commaList('states, by comma', jobStates),
    kind: Flags.string({ description: 'kind of work, such as tenant.create' }),
    tenant: Flags.string({ description: 'subdomain or id; may be given again', multiple: true }),
    ...pageFlags,
  }

  async run(): Promise<List> {
    const { flags } = await this.parse(JobList)
    const filters = { status: flags.status ?? [], kind: flags.kind ?? null, tenant: flags.tenant ?? [] }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await listJobs(await this.open('use'), filters, page)
    const filtered = Object.values(filters).some((filter) => filter !== null && filter.length > 0)
    return this.reportList(list, (shown, terminal) => formatJobs(shown, filtered, terminal))
  }
}
