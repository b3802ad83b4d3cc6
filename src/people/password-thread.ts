/** The program of a thread that computes passwords: one job after the other, an answer or an error each. */
import { parentPort } from 'node:worker_threads'
import { work, type PasswordWork } from './bcrypt.js'

parentPort?.on('message', (job: PasswordWork) => {
  work(job).then(
    (answer) => parentPort?.postMessage({ answer }),
    (error: unknown) => parentPort?.postMessage({ error: error instanceof Error ? error.message : 'failed' }),
  )
})
