/** Every check of the book, in the order they are made: to add one, write it in the file of its subject and plant its fault in the test. */
import { amountChecks } from './amounts.js'
import { chargeChecks } from './charges.js'
import { creditChecks } from './credits.js'
import { numberChecks } from './numbers.js'
import { refundChecks } from './refunds.js'
import { runChecks } from './runs.js'
import { settlementChecks } from './settlement.js'
import { supplyChecks } from './supplies.js'
import { taxChecks } from './taxes.js'
import type { Check } from './check.js'

export const checks: readonly Check[] = [
  ...numberChecks,
  ...amountChecks,
  ...taxChecks,
  ...supplyChecks,
  ...settlementChecks,
  ...refundChecks,
  ...creditChecks,
  ...chargeChecks,
  ...runChecks,
]
