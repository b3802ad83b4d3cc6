/** The steps of the daily run, in their order. Another one is added here. */
import { changesStep } from './changes.js'
import { documentsStep } from './documents.js'
import { dunningStep } from './dunning.js'
import { invoicesStep } from './invoices.js'
import { mailsStep } from './mails.js'
import { remindersStep } from './reminders.js'
import type { DailyStep, StepCode } from './step.js'

/** A bill follows the changes of its day; mails are sent last, whichever step has written them. */
export const dailySteps: readonly DailyStep[] = [
  changesStep,
  invoicesStep,
  remindersStep,
  dunningStep,
  documentsStep,
  mailsStep,
] satisfies DailyStep<StepCode>[]
