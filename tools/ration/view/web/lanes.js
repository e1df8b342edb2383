/*
 * lanes.js: below the timeline, of each budget, at which level it has been when.
 */
import { make } from "./dom.js";
import { bytes, seconds } from "./units.js";

const TABLE_MOST = 12; /* lanes at once: those that came nearest to their limits */

/* `from` and `to`: seconds; `left` and `width`: pixels of the plot above. */
export function lanes(process, view) {
  const pressed = process.budgets.filter(
    (budget) => budget.level !== "none" || spentUnderPressure(budget) > 0,
  );
  return pressed.slice(0, TABLE_MOST).map((budget) => laneOf(process, budget, view));
}

function spentUnderPressure(budget) {
  return budget.low_seconds + budget.medium_seconds + budget.high_seconds + budget.critical_seconds;
}

function laneOf(process, budget, view) {
  const name = make("span", { class: "lane-name", title: budget.category }, budget.category);
  const track = make("span", { class: "lane-track", role: "img", "aria-label": wordsOf(budget) });
  name.style.width = `${Math.max(view.left - 10, 40)}px`;
  track.style.width = `${view.width}px`;
  for (const stretch of stretches(process, budget)) {
    const from = Math.max(stretch.from, view.from),
      to = Math.min(stretch.to, view.to);
    if (stretch.level === "none" || to <= from) continue;
    const piece = make("span", {
      class: `lane-piece level-${stretch.level}`,
      title: `${budget.category}: ${stretch.level} from ${seconds(stretch.from)} to ${seconds(stretch.to)}`,
    });
    piece.style.left = `${(100 * (from - view.from)) / (view.to - view.from)}%`;
    piece.style.width = `${(100 * (to - from)) / (view.to - view.from)}%`;
    track.append(piece);
  }
  return make("div", { class: "lane" }, name, track);
}

function wordsOf(budget) {
  const times = ["low", "medium", "high", "critical"]
    .filter((level) => budget[`${level}_seconds`] > 0)
    .map((level) => `${level} for ${seconds(budget[`${level}_seconds`])}`);
  return `${budget.category}, budget ${bytes(budget.limit_bytes)}: ${times.join(", ") || "no pressure"}`;
}

/* From what its events say; what was before the first that there still is, that one says. */
function stretches(process, budget) {
  const changes = (process.events ?? []).filter(
    (event) => event.kind === "pressure" && event.category === budget.category,
  );
  const end = Math.max(process.uptime_seconds ?? 0, process.timeline.last ?? 0);
  if (changes.length === 0) return [{ from: 0, to: end, level: budget.level }];
  const first = { from: 0, to: changes[0].at_seconds, level: changes[0].old_level };
  return [
    first,
    ...changes.map((change, i) => ({
      from: change.at_seconds,
      to: changes[i + 1]?.at_seconds ?? end,
      level: change.level,
    })),
  ];
}
