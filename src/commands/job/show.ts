/** `job show`: one job with its steps. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatJob } from '../../terminal/job-report.js'
import { showJob, type ShownJob } from '../../views/jobs.js'

export default class JobShow extends BaseCommand {
  static override summary = 'Show a job: its steps with their durations, who holds it, its error and input.'
  static override description = 'The beginning of an id is enough where only one job begins with it.'
  static override examples = [
    '<%= config.bin %> job show 1f6b2c9e',
    '<%= config.bin %> job show "$(<%= config.bin %> job list --limit 1 --json | jq -r .data.items[0].id)"',
  ]
  static override args = {
    job: Args.string({ description: 'id, or at least four characters of its beginning', required: true }),
  }

  async run(): Promise<{ job: ShownJob }> {
    const { args } = await this.parse(JobShow)
    return this.report({ job: await showJob(await this.open('use'), args.job) }, formatJob)
  }
}
