/** A line of text that is judged while it is typed; Enter takes it only when the judgement is good. */
import {
  createPrompt,
  isBackspaceKey,
  isEnterKey,
  isTabKey,
  useEffect,
  useKeypress,
  usePrefix,
  useRef,
  useState,
} from '@inquirer/core'
import { messageOf } from '../kernel/errors.js'
import { cutText } from './format.js'
import type { Looks } from './prompter.js'

export interface Verdict {
  /** `open`: not wrong so far, and not finished either. */
  state: 'good' | 'open' | 'wrong'
  /** What is wrong may have a second line: what to do about it. */
  text: string
  /** What is answered instead of the text as typed: its usual form. */
  value?: string
  /** What Tab puts in its place, one after the other. */
  alternatives?: readonly string[]
}

export interface CheckedInputConfig {
  message: string
  /** What an empty line stands for, until Backspace is pressed on it. */
  default?: string
  check(text: string): Promise<Verdict>
  looks: Looks
}

/** Pause after a key before the text is judged: a judgement may ask the database. */
const debounceMs = 150

export const checkedInput = createPrompt<string, CheckedInputConfig>((config, done) => {
  const { looks } = config
  const [status, setStatus] = useState<'idle' | 'loading' | 'done'>('idle')
  const [typed, setTyped] = useState('')
  const [fallback, setFallback] = useState(config.default ?? '')
  const [verdict, setVerdict] = useState<Verdict | null>(null)
  const offered = useRef<readonly string[]>([])
  const prefix = usePrefix({ status, theme: looks.theme })
  const text = (typed || fallback).trim()

  useEffect(() => {
    let stale = false
    setVerdict(null)
    const timer = setTimeout(() => {
      void judge(config, text).then((found) => {
        if (!stale) setVerdict(found)
      })
    }, debounceMs)
    return () => {
      stale = true
      clearTimeout(timer)
    }
  }, [text])

  if (verdict?.alternatives?.length) offered.current = verdict.alternatives

  useKeypress(async (key, line) => {
    if (status !== 'idle') return
    if (isEnterKey(key)) {
      setStatus('loading')
      const found = await judge(config, text)
      setVerdict(found)
      if (found.state === 'good') {
        const answer = found.value ?? text
        setTyped(answer)
        setStatus('done')
        return done(answer)
      }
      // Enter has emptied the line of readline: what was typed is to be mended, not typed again.
      line.write(typed)
      setTyped(line.line)
      setStatus('idle')
    } else if (isTabKey(key)) {
      line.clearLine(0)
      const next = nextOf(offered.current, typed) ?? (typed || fallback)
      line.write(next)
      setTyped(next)
    } else {
      if (isBackspaceKey(key) && !typed) setFallback('')
      setTyped(line.line)
    }
  })

  const message = looks.theme.style.message(config.message, status)
  if (status === 'done') return `${prefix} ${message} ${looks.theme.style.answer(typed || '-')}`
  const suggestion = fallback && !typed ? `${looks.theme.style.defaultAnswer(fallback)} ` : ''
  return [`${prefix} ${message} ${suggestion}${typed}`, verdictLine(verdict, looks)]
})

async function judge({ check }: CheckedInputConfig, text: string): Promise<Verdict> {
  try {
    return await check(text)
  } catch (error) {
    return { state: 'wrong', text: `this cannot be checked now: ${messageOf(error)}` }
  }
}

/** The alternative after the one that is typed; the first where none of them is. */
function nextOf(offered: readonly string[], typed: string): string | undefined {
  return offered[(offered.indexOf(typed) + 1) % offered.length]
}

function verdictLine(verdict: Verdict | null, { paint, symbols, width }: Looks): string {
  const line = (sign: string, text: string): string => cutText(`  ${sign} ${text}`, width(), symbols.ellipsis)
  if (!verdict) return paint.dim(line(symbols.ellipsis, 'checking'))
  switch (verdict.state) {
    case 'good':
      return paint.green(line(symbols.tick, verdict.text))
    case 'open':
      return paint.dim(line(symbols.dot, verdict.text))
    case 'wrong': {
      const [first = '', ...more] = verdict.text.split('\n')
      if (verdict.alternatives?.length) more.push(`free, by Tab: ${verdict.alternatives.join(', ')}`)
      return [paint.red(line(symbols.cross, first)), ...more.map((text) => paint.dim(line(' ', text)))].join(
        '\n',
      )
    }
  }
}
