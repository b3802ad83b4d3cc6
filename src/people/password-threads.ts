/**
 * Passwords are computed beside the program, in threads of their own: each takes a third of a second, and on the main
 * thread fifty logins at once would keep webhooks waiting until their providers give up.
 */
import os from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { ErpmaxError } from '../kernel/errors.js'
import { packageRoot } from '../kernel/package-root.js'
import type { PasswordAnswer, PasswordWork } from './bcrypt.js'

/** One processor is left to everything else. */
const mostThreads = Math.min(4, Math.max(1, os.availableParallelism() - 1))
/** Some five seconds of work: who comes later would have given up by then, and is told to come again. */
const mostWaiting = 16 * mostThreads

interface Job {
  work: PasswordWork
  resolve(answer: never): void
  reject(error: Error): void
}

const waiting: Job[] = []
const idle: Thread[] = []
let threads = 0

/** @throws busy `password.busy` where too many wait already */
export function inThread<Work extends PasswordWork>(work: Work): Promise<PasswordAnswer<Work>> {
  return new Promise((resolve, reject) => {
    if (waiting.length >= mostWaiting)
      throw new ErpmaxError(
        'busy',
        'password.busy',
        'Too many passwords are being checked: try again in a moment',
      )
    waiting.push({ work, resolve, reject })
    handOut()
  })
}

function handOut(): void {
  if (waiting.length === 0) return
  const thread = idle.pop() ?? (threads < mostThreads ? new Thread() : null)
  const job = thread && waiting.shift()
  if (thread && job) thread.take(job)
}

class Thread {
  // Not what this process was started with: neither a debugger's port nor a loader of TypeScript.
  private readonly worker = new Worker(path.join(packageRoot(), 'dist', 'people', 'password-thread.js'), {
    execArgv: [],
  })
  private job: Job | null = null

  constructor() {
    threads += 1
    this.worker.on('message', ({ answer, error }: { answer: never; error?: string }) => {
      const { job } = this
      this.job = null
      // One that does nothing keeps no program from ending.
      this.worker.unref()
      idle.push(this)
      if (error === undefined) job?.resolve(answer)
      else job?.reject(new Error(error))
      handOut()
    })
    this.worker.on('error', (error) => this.job?.reject(error))
    this.worker.on('exit', () => {
      threads -= 1
      this.job?.reject(new Error('the thread that computes passwords has ended'))
      if (idle.includes(this)) idle.splice(idle.indexOf(this), 1)
      handOut()
    })
  }

  take(job: Job): void {
    this.job = job
    this.worker.ref()
    this.worker.postMessage(job.work)
  }
}
