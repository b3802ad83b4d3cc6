/** Keeps a long run of short-lived rows small, beside the server it shares the machine with. */
import { setFlagsFromString } from 'node:v8'

/**
 * Left alone, V8 lets garbage grow to several times what is in use before it looks: 400 MB of heap for 50 MB of rows in
 * a run over 100,000 tenants. Collecting at half as much again costs a few per cent of processor time.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50')
}
