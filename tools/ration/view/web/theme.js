/*
 * theme.js: light or dark, as the browser asks or as was chosen; and the colours that drawings need as such.
 */
const KEY = "ration-theme";
const CHOICES = ["auto", "light", "dark"];
const WORDS = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };
const SIGNS = { auto: "◐", light: "☀", dark: "☾" };

const PALETTES = {
  light: [
    "#7aa6f0",
    "#f2a65a",
    "#6cc3a0",
    "#e98591",
    "#b69be8",
    "#62bfd0",
    "#dfc14f",
    "#d492c8",
    "#9fc36a",
    "#c9a184",
  ],
  dark: [
    "#6f9bea",
    "#e39a52",
    "#5cb592",
    "#dd7884",
    "#a88ddd",
    "#55b1c3",
    "#cfb145",
    "#c583b9",
    "#92b65d",
    "#bb9276",
  ],
};
const NEUTRAL = { light: "#c3c8d1", dark: "#8b93a1" };

const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = [];
let choice = remembered();

/* A browser may refuse to remember anything of a file. */
function remembered() {
  try {
    const kept = localStorage.getItem(KEY);
    return CHOICES.includes(kept) ? kept : "auto";
  } catch {
    return "auto";
  }
}

function remember() {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    return; /* it then lasts as long as the page */
  }
}

function apply() {
  document.documentElement.dataset.theme = current();
  for (const listener of listeners) listener();
}

export function current() {
  return choice === "auto" ? (system.matches ? "dark" : "light") : choice;
}

export function onTheme(listener) {
  listeners.push(listener);
}

/* The button that goes from one to the next. */
export function themeButton(button) {
  const say = () => {
    button.textContent = SIGNS[choice];
    button.title = WORDS[choice];
    button.setAttribute("aria-label", WORDS[choice]);
  };
  button.addEventListener("click", () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
    remember();
    say();
    apply();
  });
  system.addEventListener("change", apply);
  say();
  apply();
}

/* What a style of the page comes to by now. */
export function styleOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/*
 * Categories keep their colours from one view to the other, and while the process runs: the first ten by their peaks have one
 * each, the others share one.
 */
export class Colours {
  constructor() {
    this.numbers = new Map();
  }

  /* Of a process's categories, those that are new. */
  learn(categories) {
    const ranked = [...categories].sort((a, b) => b.peak_bytes - a.peak_bytes || (a.name < b.name ? -1 : 1));
    for (const { name } of ranked) {
      if (this.numbers.size >= PALETTES.light.length) break;
      if (!this.numbers.has(name)) this.numbers.set(name, this.numbers.size);
    }
  }

  of(category) {
    const number = this.numbers.get(category);
    return number === undefined ? NEUTRAL[current()] : PALETTES[current()][number];
  }

  neutral() {
    return NEUTRAL[current()];
  }
}

/* A colour somewhat lighter, so that frames side by side can be told apart; `amount` from 0 to 1. */
export function lighter(colour, amount) {
  const number = parseInt(colour.slice(1), 16);
  const parts = [16, 8, 0].map((shift) => {
    const part = (number >> shift) & 255;
    return Math.round(part + (255 - part) * amount);
  });
  return `rgb(${parts.join(",")})`;
}
