/** SIGINT and SIGTERM: the first asks the work to stop where it may, the second stops the process at once. */

export interface Signals {
  signal: AbortSignal
  /** What arrived, or null. */
  received(): 'SIGINT' | 'SIGTERM' | null
  dispose(): void
}

export function listenForSignals(onFirst: (name: 'SIGINT' | 'SIGTERM') => void): Signals {
  const controller = new AbortController()
  let first: 'SIGINT' | 'SIGTERM' | null = null
  const handle = (name: 'SIGINT' | 'SIGTERM') => (): void => {
    if (first) process.exit(name === 'SIGINT' ? 130 : 143)
    first = name
    onFirst(name)
    controller.abort(name)
  }
  const onInterrupt = handle('SIGINT')
  const onTerminate = handle('SIGTERM')
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  return {
    signal: controller.signal,
    received: () => first,
    dispose() {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onTerminate)
    },
  }
}
