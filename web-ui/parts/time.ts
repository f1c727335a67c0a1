type Form = 'clock' | 'weekday' | 'day' | 'dayYear' | 'full' | 'dayKey'

const forms: Record<Form, Intl.DateTimeFormatOptions> = {
  clock: { timeStyle: 'short' },
  weekday: { weekday: 'short' },
  day: { day: 'numeric', month: 'short' },
  dayYear: { day: 'numeric', month: 'short', year: 'numeric' },
  full: { dateStyle: 'full', timeStyle: 'short' },
  dayKey: { year: 'numeric', month: '2-digit', day: '2-digit' },
}

/** The reader's region says whether the clock has 12 or 24 hours: `en-GB` where the browser has it, for the language `en`. */
function regional(locale: string): string {
  const choices = typeof navigator === 'undefined' ? [] : navigator.languages
  return choices?.find((choice) => choice.split('-')[0] === locale && isLocale(choice)) ?? locale
}

/** Browsers hand on what the system calls its language, which may be none that they know: `en-US@posix`. */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0
  } catch {
    return false
  }
}

const cache = new Map<string, Intl.DateTimeFormat>()

function format(form: Form, locale: string, ts: number): string {
  const key = `${form} ${locale}`
  let formatter = cache.get(key)
  if (!formatter) cache.set(key, (formatter = new Intl.DateTimeFormat(regional(locale), forms[form])))
  return formatter.format(ts)
}

/** `06:24`, as the language writes it. */
export const clockTime = (ts: number, locale: string): string => format('clock', locale, ts)

/** Day, date and time in full: what hovering over a time shows. */
export const fullTime = (ts: number, locale: string): string => format('full', locale, ts)

/** The same for every moment of one day of this place. */
export const dayKey = (ts: number): string => format('dayKey', 'en-CA', ts)

const dayNumber = (ts: number): number => {
  const [year = 0, month = 1, day = 1] = dayKey(ts).split('-').map(Number)
  return Date.UTC(year, month - 1, day) / 86_400_000
}

/** How many midnights lie between two moments, in the time zone of this place. */
export const daysBetween = (earlier: number, later: number): number => dayNumber(later) - dayNumber(earlier)

/** `Thu` within the last week, else `14 Nov`, with the year where it is another one. */
export function shortDay(ts: number, now: number, locale: string): string {
  const days = daysBetween(ts, now)
  if (days >= 0 && days < 7) return format('weekday', locale, ts)
  return format(dayKey(ts).slice(0, 4) === dayKey(now).slice(0, 4) ? 'day' : 'dayYear', locale, ts)
}

/** `Saturday, 14 November`, for the line between two days. */
export function longDay(ts: number, now: number, locale: string): string {
  const sameYear = dayKey(ts).slice(0, 4) === dayKey(now).slice(0, 4)
  const options: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long' }
  return new Intl.DateTimeFormat(regional(locale), sameYear ? options : { ...options, year: 'numeric' }).format(ts)
}
