/** What a person reads after `job list` and `job show`. */
import { formatDuration, formatFacts, formatTime } from './format.js'
import { paintJobState, paintState } from './states.js'
import { formatTable } from './table.js'
import type { Page } from '../database/keyset.js'
import type { JobListItem, JobStep, ShownJob } from '../views/jobs.js'
import type { Terminal } from './terminal.js'

/** Below this width an id is shown by its first characters; `job show` takes those too. */
const roomForIds = 120

export function formatJobs(
  { items }: Page<JobListItem>,
  filtered: boolean,
  { width, out }: Terminal,
): string {
  if (items.length === 0) return filtered ? 'No job matches.' : 'There is no job yet.'
  return formatTable<JobListItem>(
    items,
    [
      { title: 'Id', value: (job) => (width < roomForIds ? job.id.slice(0, 8) : job.id) },
      { title: 'Kind', value: (job) => job.kind },
      { title: 'Subject', value: (job) => job.subject, flexible: true },
      { title: 'Status', value: (job) => paintJobState(job, out) },
      { title: 'Begun', value: (job) => formatTime(job.started_at ?? job.created_at) },
      { title: 'Took', value: (one) => took(one), align: 'right' },
      ...(items.some((job) => job.error_code)
        ? [{ title: 'Error', value: (job: JobListItem) => job.error_code, flexible: true }]
        : []),
    ],
    width,
    out.bold,
  )
}

export function formatJob({ job }: { job: ShownJob }, { width, out }: Terminal): string {
  const heading = `${out.bold(job.kind)} of ${out.bold(job.subject)} ${words(job.status)} ${paintJobState(job, out)}`
  const lease = job.lease && `${job.lease.alive ? 'until' : 'lost at'} ${formatTime(job.lease.until)}`
  const facts = formatFacts(
    [
      ['Id', job.id],
      ['Tenant', job.tenant],
      ['Created', formatTime(job.created_at)],
      ['Begun', job.started_at && formatTime(job.started_at)],
      ['Ended', job.finished_at && formatTime(job.finished_at)],
      ['Took', took(job)],
      ['Attempts', job.attempts],
      ['Held by', job.holder && `process ${job.holder.pid} on ${job.holder.host}`],
      ['Lease', lease],
      ['Error', job.error && `${job.error.code}: ${job.error.message}`],
      ['Next', job.stalled ? 'the command it came from, typed again, goes on from here' : null],
    ],
    width,
  )
  const steps = formatTable<JobStep>(
    job.steps,
    [
      { title: 'Step', value: (step) => step.name },
      { title: 'Status', value: (step) => paintState(step.status, out) },
      { title: 'Began', value: (step) => formatTime(step.started_at) },
      { title: 'Took', value: (one) => took(one), align: 'right' },
      ...(job.steps.some((step) => step.error)
        ? [{ title: 'Error', value: (step: JobStep) => step.error, flexible: true }]
        : []),
    ],
    width,
    out.dim,
  )
  return [
    heading,
    facts,
    `${out.bold('Steps')}\n${job.steps.length > 0 ? steps : 'none finished'}`,
    `${out.bold('Input')}\n${formatInput(job.input, width)}`,
  ].join('\n\n')
}

function words(status: string): string {
  return ['queued', 'running', 'cancelled'].includes(status) ? 'is' : 'has'
}

function took({ duration_ms }: { duration_ms: number | null }): string | null {
  return duration_ms === null ? null : formatDuration(duration_ms)
}

/** One line a value, nested keys with a dot; what was left empty is not repeated. */
function formatInput(input: Record<string, unknown>, width: number): string {
  const lines = flat(input)
  return lines.length === 0 ? 'none' : formatFacts(lines, width)
}

function flat(value: Record<string, unknown>, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    if (inner === null || inner === '') return []
    if (Array.isArray(inner)) return [[`${prefix}${key}`, inner.join(', ')]]
    return typeof inner === 'object'
      ? flat(inner as Record<string, unknown>, `${prefix}${key}.`)
      : [[`${prefix}${key}`, String(inner)]]
  })
}
