/**
 * What a subscription comes to, counted day by day from what was held and which periods there were: no line of it is
 * the program's. Days are `YYYY-MM-DD`, prices constant.
 */
export interface Held {
  id: string
  from: string
  /** `infinity` where nothing ends it. */
  to: string
  price: number
  cycle: Cycle
}

type Cycle = 'monthly' | 'annual'

interface Turn {
  from: string
  anchor: string
  cycle: Cycle
}

/** The periods as the rules have them, the runs that charged them, and the days on which nothing was charged. */
export class Calendar {
  today: string
  /** Whether a run has charged what is not in `runs`: then there are no gaps. */
  guessed = false
  firstDay: string
  readonly turns: [Turn, ...Turn[]]
  #scheduled: Turn | null = null
  readonly runs: { ids: Set<string>; before: string }[] = []
  readonly gaps: { from: string; to: string; runs: number }[] = []

  constructor(start: string, trial: number, cycle: Cycle) {
    this.today = start
    this.firstDay = later(start, trial)
    this.turns = [{ from: start, anchor: this.firstDay, cycle }]
  }

  /** A run that was not refused anything: everything held is charged to the end of its period. */
  billed(held: readonly Held[]): void {
    const before = this.today < this.firstDay ? this.firstDay : this.periodOf(this.today).end
    this.runs.push({ ids: new Set(held.map(({ id }) => id)), before })
  }

  /** Inside the trial at once; else to a year at once from that day; else at the end of the period. */
  turn(cycle: Cycle, when: 'now' | null): void {
    const running = this.periodOf(this.today).turn
    this.#settle()
    if (cycle === running.cycle) this.#scheduled = null
    else if (this.today < this.firstDay) this.turns[0] = { ...running, cycle }
    else if (when === 'now') {
      this.#scheduled = null
      this.turns.push({ from: this.today, anchor: this.today, cycle })
    } else {
      const from = this.periodOf(this.today).end
      this.#scheduled = { from, anchor: cycle === 'annual' ? from : running.anchor, cycle }
    }
  }

  /** The trial ends so many days later. */
  extended(days: number): void {
    this.firstDay = later(this.firstDay, days)
    this.turns[0].anchor = this.firstDay
  }

  suspended(): void {
    if (this.gaps.at(-1)?.to !== 'infinity')
      this.gaps.push({ from: this.today, to: 'infinity', runs: this.runs.length })
  }

  resumed(): void {
    const last = this.gaps.at(-1)
    if (last?.to === 'infinity') last.to = this.today
  }

  /** `end` is earlier than that of the full period where a turn begins within it. */
  periodOf(day: string): { turn: Turn; full: [string, string]; end: string } {
    const turns: [Turn, ...Turn[]] = this.#scheduled ? [...this.turns, this.#scheduled] : this.turns
    const turn = turns.findLast(({ from }) => from <= day) ?? turns[0]
    const next = turns[turns.indexOf(turn) + 1]
    let n = 0
    while (dateOf(turn, n + 1) <= day) n += 1
    const full: [string, string] = [dateOf(turn, n), dateOf(turn, n + 1)]
    return { turn, full, end: next && next.from < full[1] ? next.from : full[1] }
  }

  /** Whether nothing was ever charged for the item on that day, because nothing was to be. */
  free(id: string, day: string): boolean {
    return this.gaps.some(
      (gap) =>
        gap.from <= day &&
        day < gap.to &&
        !this.runs.slice(0, gap.runs).some(({ ids, before }) => ids.has(id) && day < before),
    )
  }

  #settle(): void {
    if (this.#scheduled && this.#scheduled.from <= this.today) {
      this.turns.push(this.#scheduled)
      this.#scheduled = null
    }
  }
}

/** By item, in minor units: price x days / days of the full period, half up, for each unbroken run of days in a period. */
export function netOf(calendar: Calendar, held: readonly Held[]): { id: string; net: number }[] {
  const until = calendar.today < calendar.firstDay ? calendar.firstDay : calendar.periodOf(calendar.today).end
  return held
    .map(({ id, from, to, price }) => {
      let net = 0
      let days = 0
      for (let day = calendar.firstDay; day < until; day = later(day, 1)) {
        const { full, end } = calendar.periodOf(day)
        const paid = from <= day && day < to && !calendar.free(id, day)
        if (paid) days += 1
        if (!paid || later(day, 1) === end) {
          const whole = daysFrom(...full)
          net += Math.floor((2 * price * days + whole) / (2 * whole))
          days = 0
        }
      }
      return { id, net }
    })
    .filter(({ net }) => net > 0)
}

/** The n-th billing date of a turn: the anchor's day of the month, or the month's last. */
function dateOf({ anchor, cycle }: Turn, n: number): string {
  const [year = 0, month = 0, day = 0] = anchor.split('-').map(Number)
  const months = year * 12 + month - 1 + n * (cycle === 'annual' ? 12 : 1)
  const [y, m] = [Math.floor(months / 12), months % 12]
  const last = new Date(Date.UTC(y, m + 1, 0)).getUTCDate()
  return new Date(Date.UTC(y, m, Math.min(day, last))).toISOString().slice(0, 10)
}

export function later(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

function daysFrom(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000
}
