/** The letters of a PDF: DejaVu for Latin and Cyrillic, Noto for Devanagari, which DejaVu lacks; both embedded. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { create, type Font, type Glyph, type GlyphRun } from 'fontkit'
import { packageRoot } from '../../kernel/package-root.js'
import { unpackWoff } from './woff.js'

export type Weight = 'regular' | 'bold'
export type Script = 'latin' | 'devanagari'
export type FontName = `${Script}-${Weight}`

/** Of Noto the woff: what fontkit makes of its woff2 cannot be cut to a subset. */
const files: Record<FontName, string> = {
  'latin-regular': 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  'latin-bold': 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
  'devanagari-regular':
    '@fontsource/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-400-normal.woff',
  'devanagari-bold': '@fontsource/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-700-normal.woff',
}

/** Shaping is most of the work, and the words of labels come again on each document: so many are kept per font. */
const shapedWords = 4000

const loaded = new Map<FontName, Font>()

/** A font as pdfkit takes it; read and parsed once, since a thousand invoices need the same four. */
export function loadFont(name: FontName): Font {
  const known = loaded.get(name)
  if (known) return known
  const resolve = createRequire(path.join(packageRoot(), 'package.json')).resolve
  const file = readFileSync(resolve(files[name]))
  const font = readable(create(files[name].endsWith('.woff') ? unpackWoff(file) : file) as Font)
  loaded.set(name, font)
  return font
}

/**
 * The font with text that can be read back. A PDF keeps one text per glyph, and of the shaping's output that goes
 * wrong twice. A vowel sign drawn before its consonant is read before it (`िह` for `हि`), so the letters of each word
 * are dealt to its glyphs in the order of reading, and a glyph with another text is another entry of the subset. And
 * fontkit keeps for each glyph the letters of its first use in the process: other letters later, and other bytes.
 */
function readable(font: Font): Font {
  const getGlyph = font.getGlyph.bind(font)
  font.getGlyph = (id, letters = []) => {
    const glyph = getGlyph(id)
    // Computed here, it is kept for all uses of the glyph.
    void glyph.advanceWidth
    return Object.create(glyph, { codePoints: { value: letters } }) as Glyph
  }
  const shaped = new Map<string, GlyphRun>()
  const layout = (text: string): GlyphRun => {
    const run = shaped.get(text) ?? relabelled(font.layout(text), text)
    if (shaped.size >= shapedWords) shaped.clear()
    shaped.set(text, run)
    // pdfkit scales the positions where they stand.
    const positions = run.positions.map((position) => ({ ...position }))
    return Object.create(run, { positions: { value: positions } }) as GlyphRun
  }
  return Object.create(font, {
    layout: { value: layout },
    createSubset: { value: () => subsetByText(font) },
  }) as Font
}

/** What pdfkit reads of a glyph; its id also carries the text, see `subsetByText`. */
interface LabelledGlyph extends Pick<Glyph, 'advanceWidth' | 'codePoints'> {
  id: string
}

function relabelled(run: GlyphRun, text: string): GlyphRun {
  const letters = [...text].map((letter) => letter.codePointAt(0) ?? 0)
  const dealt = run.glyphs.reduce((sum, glyph) => sum + glyph.codePoints.length, 0) === letters.length
  let next = 0
  const glyphs = run.glyphs.map((glyph): LabelledGlyph => {
    const from = next
    next += glyph.codePoints.length
    const codePoints = dealt ? letters.slice(from, next) : glyph.codePoints
    return { id: `${glyph.id}:${codePoints.join()}`, codePoints, advanceWidth: glyph.advanceWidth }
  })
  return Object.create(run, { glyphs: { value: glyphs } }) as GlyphRun
}

/** fontkit's subset holds a list of glyphs and the place of each; here the place belongs to glyph and text. */
function subsetByText(font: Font): ReturnType<Font['createSubset']> {
  const subset = font.createSubset() as ReturnType<Font['createSubset']> & { glyphs: number[] }
  const places = new Map<string, number>()
  const include = (glyph: number | string): number => {
    // The parts of a composite glyph are asked for by number, without a text.
    const known = places.get(String(glyph))
    if (known !== undefined) return known
    subset.glyphs.push(Number.parseInt(String(glyph), 10))
    places.set(String(glyph), subset.glyphs.length - 1)
    return subset.glyphs.length - 1
  }
  places.set('0', 0)
  subset.includeGlyph = include as unknown as typeof subset.includeGlyph
  return subset
}
