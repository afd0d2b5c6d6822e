/** Texts with units, as a person writes them. Each function throws a `ValueError` that says what is allowed. */

/** What is wrong with a value, for people; located by whoever knows where the value stood. */
export class ValueError extends Error {
  override readonly name = "ValueError";
  /** What was probably meant, as it should stand in the file. */
  readonly suggestion: string | null;

  constructor(message: string, suggestion: string | null = null) {
    super(message);
    this.suggestion = suggestion;
  }
}

const durationsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const longDurations: Readonly<Record<string, string>> = {
  sec: "s",
  second: "s",
  min: "m",
  minute: "m",
  hr: "h",
  hour: "h",
  day: "d",
  week: "w",
};

/** `10s`, `15m`, `1h`, `30d`, `2w`: milliseconds. */
export function parseDuration(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s?([a-z]+)$/i.exec(text.trim()) ?? [];
  const ms = Number(number) * (durationsMs[unit] ?? Number.NaN);
  if (Number.isSafeInteger(ms)) return ms;
  throw new ValueError(
    `"${text}" is not a duration: write a number and a unit (ms, s, m, h, d, w), such as 10s, 15m, 1h, 30d or 2w`,
    shorterUnit(number, unit, longDurations),
  );
}

const sizesBytes: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** `2GiB`, `1KiB`, `10MB`, `512`: bytes. `KB`, `MB`, ... count in 1000, `KiB`, `MiB`, ... in 1024. */
export function parseSize(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s?([a-z]*)$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(number) * (sizesBytes[unit.toLowerCase()] ?? Number.NaN));
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new ValueError(
    `"${text}" is not a size: write a number and a unit (B, KB, MB, GB, TB, KiB, MiB, GiB, TiB), such as 10MB or 2GiB`,
    shorterUnit(number, unit, { k: "KiB", m: "MiB", g: "GiB", t: "TiB" }),
  );
}

/** `25%`: 25. */
export function parsePercent(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)\s?%$/.exec(text.trim()) ?? [];
  const percent = Number(number);
  if (percent >= 0 && percent <= 100) return percent;
  const bare = /^\d+(?:\.\d+)?$/.test(text.trim()) && Number(text) <= 100;
  throw new ValueError(
    `"${text}" is not a share: write a percentage from 0% to 100%, such as 25%, or none`,
    bare ? `${text.trim()}%` : null,
  );
}

/** `10MiB/s`: bytes per second. */
export function parseRate(text: string): number {
  const [, size] = /^(.*[^\s])\s?\/\s?s$/.exec(text.trim()) ?? [];
  const bytes = size === undefined ? null : sizeOrNull(size);
  if (bytes) return bytes;
  const bare = sizeOrNull(text) ? `${text.trim()}/s` : null;
  throw new ValueError(`"${text}" is not a rate: write a size per second, such as 10MiB/s`, bare);
}

/** `08:00`: minutes after midnight. */
export function parseTimeOfDay(text: string): number {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text.trim()) ?? [];
  if (Number(hours) < 24 && Number(minutes) < 60) return Number(hours) * 60 + Number(minutes);
  throw new ValueError(
    `"${text}" is not a time of day: write hours and minutes in quotes, such as "08:00"`,
  );
}

function sizeOrNull(text: string): number | null {
  try {
    return parseSize(text);
  } catch (error) {
    if (error instanceof ValueError) return null;
    throw error;
  }
}

/** `10s` for `10 seconds`. */
function shorterUnit(
  number: string | undefined,
  unit: string,
  units: Readonly<Record<string, string>>,
): string | null {
  const known = units[unit.toLowerCase().replace(/(?<=..)s$/, "")];
  return number === undefined || known === undefined ? null : `${number}${known}`;
}
