/*
 * units.js: numbers as people read them, in the same words as the command's text.
 */
const SIZES = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/* "512 B", "64.0 KiB": a unit ends where it would need a fourth digit. */
export function bytes(number) {
  if (number === null || number === undefined) return "–";
  if (number < 0) return "−" + bytes(-number);
  if (number < 1000) return `${Math.round(number)} B`;
  let amount = number / 1024,
    unit = 0;
  for (; amount >= 999.95 && unit + 1 < SIZES.length; unit++) amount /= 1024;
  return `${amount.toFixed(1)} ${SIZES[unit]}`;
}

export function count(number) {
  return number === null || number === undefined ? "–" : Math.round(number).toLocaleString("en-US");
}

/* Never rounded up, so that 100.0 % means all. */
export function share(part, whole) {
  return whole > 0 ? `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)} %` : "–";
}

export function growth(perHour) {
  if (perHour === null || perHour === undefined) return "–";
  return `${perHour > 0 ? "+" : ""}${bytes(perHour)}/h`;
}

export function seconds(number) {
  if (number === null || number === undefined) return "–";
  const whole = Math.floor(number),
    two = (value) => String(value).padStart(2, "0");
  if (whole < 60) return `${number.toFixed(2)} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
  return `${Math.floor(whole / 86400)} d ${two(Math.floor(whole / 3600) % 24)} h`;
}

/* How long blocks lived. */
export function length(number) {
  if (number >= 1) return seconds(number);
  if (number >= 1e-3) return `${(number * 1e3).toFixed(1)} ms`;
  if (number >= 1e-6) return `${(number * 1e6).toFixed(1)} µs`;
  return number > 0 ? `${Math.round(number * 1e9)} ns` : "–";
}

/* Since the start of the process: "12.5 s", "2:05", "1:02:05". */
export function clock(second, digits = second % 1 ? 2 : 0) {
  if (second < 60)
    return `${second
      .toFixed(digits)
      .replace(/(\.\d*?)0+$/, "$1")
      .replace(/\.$/, "")} s`;
  const whole = Math.floor(second),
    two = (value) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60,
    hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/* "60/80/90/95" */
export function percents(words) {
  return words.split("/").map(Number);
}
