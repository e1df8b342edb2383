/*
 * summary.js: the figures of a process, its budgets and categories, and how far all of it can be trusted.
 */
import { bar, make, sparkline } from "./dom.js";
import { bytes, clock, count, growth, percents, seconds, share } from "./units.js";

const POINTS = 240; /* of a small line */
const COLUMNS = [
  ["live_bytes", "Live"],
  ["peak_bytes", "Peak"],
  ["live_blocks", "Blocks"],
  ["allocations", "Allocations"],
  ["frees", "Freed"],
  ["growth_5m_bytes_per_hour", "Growth"],
];

export class Summary {
  constructor(model, lookAt) {
    this.model = model;
    this.lookAt = lookAt;
    this.order = { by: "peak_bytes", isUp: false };
    this.root = make("section", { class: "view", "aria-label": "Summary" });
  }

  update() {
    const { process } = this.model;
    if (!process)
      return this.root.replaceChildren(
        make("p", { class: "empty" }, this.model.isLive ? "No tracked process." : "No process."),
      );
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.by : null;
    this.root.replaceChildren(
      ...[
        remark(process),
        tiles(process),
        budgets(process),
        this.categories(process),
        memory(process),
        trust(process),
      ].filter(Boolean),
    );
    if (focused) this.root.querySelector(`button[data-by="${focused}"]`)?.focus();
  }

  categories(process) {
    const { by, isUp } = this.order;
    const rows = process.categories
      .filter((row) => row.allocations > 0 || row.live_bytes > 0)
      .sort((a, b) => (isUp ? 1 : -1) * ((a[by] ?? 0) - (b[by] ?? 0)) || (a.name < b.name ? -1 : 1));
    const most = Math.max(...rows.map((row) => row.live_bytes), 1),
      mostPeak = Math.max(...rows.map((row) => row.peak_bytes), 1);
    const head = (name, words) =>
      make(
        "th",
        {
          scope: "col",
          class: "number",
          "aria-sort": name === by ? (isUp ? "ascending" : "descending") : "none",
        },
        make(
          "button",
          { type: "button", class: "plain", "data-by": name, onclick: () => this.sortBy(name) },
          words,
        ),
      );
    const lines = linesOf(process.timeline);
    return make(
      "div",
      { class: "card" },
      make("h2", {}, "Categories"),
      make(
        "div",
        { class: "wide" },
        make(
          "table",
          { class: "figures-table", id: "categories" },
          make(
            "thead",
            {},
            make(
              "tr",
              {},
              make("th", { scope: "col" }, "Category"),
              make("th", { scope: "col" }, "Course"),
              ...COLUMNS.map(([name, words]) => head(name, words)),
            ),
          ),
          make("tbody", {}, ...rows.map((row) => this.row(row, { most, mostPeak, course: lines(row.name) }))),
          make(
            "tfoot",
            {},
            this.row({ ...process.total, name: "total" }, { most: 0, mostPeak: 0, course: lines(null) }),
          ),
        ),
      ),
    );
  }

  row(row, { most, mostPeak, course }) {
    const isSum = row.name === "total";
    const swatch = make("span", { class: isSum ? "swatch empty-swatch" : "swatch" });
    if (!isSum) swatch.style.background = this.model.colours.of(row.name);
    const name = isSum
      ? make("span", {}, row.name)
      : make(
          "button",
          {
            type: "button",
            class: "plain",
            title: "Look at its call stacks",
            onclick: () => this.lookAt(row.name),
          },
          row.name,
        );
    const cell = (words, ...before) =>
      make("td", { class: "number" }, ...before, make("span", { class: "figure" }, words));
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, swatch, name),
      make(
        "td",
        {},
        course
          ? sparkline(course, isSum ? this.model.colours.neutral() : this.model.colours.of(row.name))
          : null,
      ),
      cell(bytes(row.live_bytes), isSum ? null : bar(row.live_bytes, most)),
      cell(bytes(row.peak_bytes), isSum ? null : bar(row.peak_bytes, mostPeak, "pale")),
      cell(count(row.live_blocks)),
      cell(count(row.allocations)),
      cell(share(row.frees, row.allocations)),
      cell(growth(row.growth_5m_bytes_per_hour)),
    );
  }

  sortBy(by) {
    this.order = { by, isUp: this.order.by === by && !this.order.isUp };
    this.update();
  }
}

function remark(process) {
  return process.remark ? make("p", { class: "remark" }, process.remark) : null;
}

/* What a category had in the course of time, as a function of its name (null: all of them); nothing where there is none. */
function linesOf(timeline) {
  const step = Math.max(1, Math.floor((timeline?.length ?? 0) / POINTS));
  return (name) => {
    if (!(timeline?.length > 1)) return null;
    const column = name === null ? timeline.sum(() => true) : timeline.categories.get(name);
    const points = [];
    for (let i = 0; i < timeline.length; i += step) points.push([timeline.seconds[i], column?.[i] ?? 0]);
    return points.length > 1 ? points : null;
  };
}

function tiles(process) {
  const { total, performance = {} } = process;
  const rate = performance.allocations_per_second;
  const list = [
    ["Live", bytes(total.live_bytes), `${count(total.live_blocks)} blocks`],
    [
      "Peak",
      bytes(total.peak_bytes),
      total.peak_error_bytes ? `at most ${bytes(total.peak_error_bytes)} too high` : "exact",
    ],
    [
      "Allocated",
      bytes(total.allocated_bytes),
      performance.allocated_bytes_per_second
        ? `${bytes(performance.allocated_bytes_per_second)} a second`
        : "in all",
    ],
    ["Allocations", count(total.allocations), rate ? `${count(rate)} a second` : "in all"],
    ["Freed", share(total.frees, total.allocations), `${count(total.frees)} blocks`],
    [
      "Growth",
      growth(total.growth_5m_bytes_per_hour),
      total.growth_6h_bytes_per_hour === null
        ? "of 5 minutes"
        : `${growth(total.growth_6h_bytes_per_hour)} by 6 hours`,
    ],
    ["Resident", bytes(process.memory?.rss_bytes), "as the kernel says"],
  ];
  return make(
    "div",
    { class: "tiles" },
    ...list
      .filter(([, value]) => value !== "–")
      .map(([name, value, words]) =>
        make(
          "div",
          { class: "tile" },
          make("div", { class: "tile-name" }, name),
          make("div", { class: "tile-value" }, value),
          make("div", { class: "quiet" }, words),
        ),
      ),
  );
}

function budgets(process) {
  if (process.budgets.length === 0) return null;
  return make(
    "div",
    { class: "card" },
    make("h2", {}, "Budgets"),
    make("div", { class: "budgets" }, ...process.budgets.map(budget)),
  );
}

function budget(row) {
  const gauge = make("span", {
    class: "gauge",
    role: "img",
    "aria-label": `${share(row.used_bytes, row.limit_bytes)} of ${bytes(row.limit_bytes)} used`,
  });
  const fill = make("span", { class: `gauge-fill level-${row.level}` }),
    worst = make("span", { class: "gauge-worst", title: `worst: ${bytes(row.worst_bytes)}` });
  fill.style.width = `${percent(row.used_bytes, row.limit_bytes)}%`;
  worst.style.left = `${percent(row.worst_bytes, row.limit_bytes)}%`;
  gauge.append(
    fill,
    worst,
    ...percents(row.thresholds).map((threshold) => {
      const tick = make("span", { class: "gauge-tick" });
      tick.style.left = `${threshold}%`;
      return tick;
    }),
  );
  const notes = [
    row.policy,
    row.breaches ? `${count(row.breaches)} breaches` : null,
    row.refused ? `${count(row.refused)} refused` : null,
    row.worst_bytes
      ? `worst ${bytes(row.worst_bytes)}${row.worst_at_seconds === null ? "" : ` at ${clock(row.worst_at_seconds, 1)}`}`
      : null,
  ];
  return make(
    "div",
    { class: "budget" },
    make(
      "div",
      { class: "budget-head" },
      make("strong", {}, row.category),
      make("span", { class: `chip level-${row.level}` }, row.level),
      make("span", { class: "spring" }),
      make("span", {}, `${bytes(row.used_bytes)} of ${bytes(row.limit_bytes)}`),
    ),
    gauge,
    make("div", { class: "quiet" }, notes.filter(Boolean).join(" · ")),
  );
}

function percent(part, whole) {
  return whole > 0 ? Math.min(100, (100 * part) / whole) : 0;
}

/* ---- closing lines ---------------------------------------------------------------------------------------- */

/* live − untouched + slack + ... = RSS, as a bar of its parts. */
function memory(process) {
  const { memory: parts } = process;
  if (!parts) return null;
  const list = [
    ["live and touched", parts.live_bytes - parts.untouched_bytes],
    ["slack", parts.slack_bytes ?? 0],
    ["shim", parts.shim_bytes],
    ["mappings", parts.mapping_bytes],
    ["stacks", parts.stack_bytes],
    ["files", parts.file_bytes],
    ["unexplained", parts.unexplained_bytes],
  ];
  const whole = list.reduce((sum, [, size]) => sum + Math.max(size, 0), 0);
  const pieces = list
    .filter(([, size]) => size > 0)
    .map(([name, size]) => {
      const piece = make("span", { class: "piece", title: `${name}: ${bytes(size)}` });
      piece.style.width = `${percent(size, whole)}%`;
      return piece;
    });
  const age =
    parts.age_seconds > 0.05
      ? ` (${seconds(parts.age_seconds)} ${process.state === "running" ? "ago" : "before the end"})`
      : "";
  return make(
    "div",
    { class: "card" },
    make("h2", {}, "Resident memory"),
    make("div", { class: "pieces", "aria-hidden": "true" }, ...pieces),
    make(
      "p",
      { class: "closing", id: "memory" },
      `live ${bytes(parts.live_bytes)} − untouched ${bytes(parts.untouched_bytes)}` +
        list
          .slice(1)
          .filter(([, size]) => size !== 0)
          .map(([name, size]) => ` ${size < 0 ? "−" : "+"} ${name} ${bytes(Math.abs(size))}`)
          .join("") +
        ` = RSS ${bytes(parts.rss_bytes)}${age}`,
    ),
  );
}

const LOSSES = {
  foreign_frees: "frees of blocks that were not counted",
  double_frees: "blocks given back twice",
  wild_frees: "frees of what is no block",
  late_writes: "writes to blocks that had been given back",
  overruns: "writes behind the end of a block",
  lists_lost: "lists of free blocks lost",
  categories_lost: "look-ups of a category that ended at “other”",
  scopes_lost: "scopes not opened",
  callers_lost: "blocks of wrappers whose caller was not found",
  accounts_lost: "accounted blocks not kept",
  ranges_lost: "ranges of memory not named",
  events_lost: "events lost",
  samples_lost: "samples lost",
  sites_lost: "samples lost for want of room for a site",
  stacks_truncated: "stacks cut at 128 frames",
  stacks_failed: "stacks that could not be taken",
};

function trust(process) {
  const { losses, sampling, error_bound_bytes: error } = process;
  const lines = [
    losses.untracked_blocks ? `${count(losses.untracked_blocks)} blocks not counted` : "every block counted",
    `error ${bytes(error)}`,
  ];
  if (process.inherited_error_bytes)
    lines.push(`inherited over fork with an error of up to ${bytes(process.inherited_error_bytes)}`);
  if (sampling) lines.push(...samplingWords(sampling));
  for (const [name, words] of Object.entries(LOSSES)) {
    if (losses[name] > 0) lines.push(`${count(losses[name])} ${words}`);
  }
  const unwind =
    process.unwind && process.unwind !== process.unwind_asked
      ? [`call stacks by ${process.unwind}, not ${process.unwind_asked}`]
      : [];
  const ignored = losses.settings_ignored.map((line) => `setting ignored: ${line}`);
  return make(
    "div",
    { class: "card" },
    make("h2", {}, "How far this can be trusted"),
    make(
      "ul",
      { class: "closing", id: "coverage" },
      ...[...lines, ...unwind, ...ignored].map((line) => make("li", {}, line)),
    ),
  );
}

function samplingWords({ samples, mean_bytes: mean, coverage, unattributed_bytes: unattributed }) {
  if (mean === 0) return ["no samples are taken: the flame graph and the sites are empty"];
  const every = mean === 1 ? "every block" : `one every ${bytes(mean)} on average`;
  const lines = [
    `${count(samples)} samples, ${every}; they stand for ${(100 * coverage).toFixed(1)} % of the bytes allocated`,
  ];
  if (unattributed > 0)
    lines.push(`${bytes(unattributed)} live in categories with too few samples to tell by whom`);
  return lines;
}
