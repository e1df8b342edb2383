/*
 * sites.js: the table of sites: sorted, filtered, and of one what there is to know.
 *
 * Of tens of thousands of rows only those are made that are in sight.
 */
import { frameName, isBelow, matcher, shortName } from "./calls.js";
import { bar, fillSelection, make, searching, selection } from "./dom.js";
import { bytes, count, length, share } from "./units.js";

const ROW = 30;
const CALLERS = 6; /* frames of a stack that are named in its row */
const SPARE = 8; /* rows above and below those in sight */
const COLUMNS = [
  ["live_bytes", "Live", bytes],
  ["at_process_peak_bytes", "At peak", bytes],
  ["total_bytes", "Total", bytes],
  ["total_blocks", "Blocks", count],
  ["temporary_blocks", "Temporary", count],
  ["mean_lifetime_seconds", "Lifetime", length],
];

export class Sites {
  constructor(model) {
    this.model = model;
    this.order = null; /* until somebody has chosen one: by the first of these that there is something of */
    this.category = "";
    this.chosen = null;
    this.rows = [];
    this.root = this.layOut();
    new ResizeObserver(() => this.draw()).observe(this.scroller);
  }

  layOut() {
    this.categories = selection("Category", "sites-category", (value) => {
      this.category = value;
      this.update();
    });
    [this.filter, this.sum] = searching("sites-filter", "Filter stacks", "sites-found", () => this.update());
    this.heads = COLUMNS.map(([by, words]) =>
      make("button", { type: "button", class: "plain", onclick: () => this.sortBy(by) }, words),
    );
    this.head = make(
      "div",
      { class: "row head", role: "row" },
      make("span", { class: "cell", role: "columnheader" }, "Allocated in"),
      make("span", { class: "cell", role: "columnheader" }, "Category"),
      make("span", { class: "cell", role: "columnheader", "aria-label": "Beside the largest" }),
      ...this.heads.map((button, i) =>
        make("span", { class: "cell number", role: "columnheader", "data-by": COLUMNS[i][0] }, button),
      ),
    );
    this.body = make("div", { class: "rows", role: "rowgroup" });
    this.scroller = make(
      "div",
      {
        id: "sites-table",
        class: "table",
        role: "table",
        tabindex: "0",
        "aria-label": "Sites. Up and down choose one.",
        onscroll: () => this.draw(),
        onkeydown: (event) => this.onKey(event),
      },
      this.head,
      this.body,
    );
    this.panel = make("aside", { class: "panel", "aria-label": "The chosen site" });
    this.empty = make("p", { class: "empty", hidden: true });
    return make(
      "section",
      { class: "view sites", "aria-label": "Sites" },
      make(
        "div",
        { class: "toolbar" },
        this.filter,
        this.categories,
        make("span", { class: "spring" }),
        this.sum,
      ),
      this.empty,
      make("div", { class: "split" }, this.scroller, this.panel),
    );
  }

  update() {
    const { process } = this.model;
    const sites = process?.sites ?? [];
    this.empty.hidden = sites.length > 0;
    this.scroller.hidden = this.panel.hidden = sites.length === 0;
    this.empty.textContent =
      process?.remark ?? (process?.sites ? "No sites: no block has been a sample." : "Reading call stacks …");
    if (sites.length === 0) return;
    this.order ??= {
      by:
        ["live_bytes", "at_process_peak_bytes", "total_bytes"].find((by) =>
          sites.some((site) => site[by] > 0),
        ) ?? "live_bytes",
      isUp: false,
    };
    const names = [...new Set(sites.map((site) => site.category))].sort();
    this.category = fillSelection(
      this.categories,
      [["", "All categories"], ...names.map((name) => [name, name])],
      this.category,
    );
    this.rows = this.sort(this.kept(process));
    if (!this.rows.includes(this.chosen))
      this.keep(this.rows.find((site) => this.isChosenStill(site)) ?? this.rows[0] ?? null);
    this.tellSum();
    this.draw();
    this.tell();
  }

  /* Of each frame it is asked once, and not of each stack that has it. */
  kept(process) {
    const matches = matcher(this.filter.value);
    this.filter.setAttribute("aria-invalid", String(this.filter.value !== "" && !matches));
    const fits =
      matches &&
      process.frames.map(
        (frame) => matches(frameName(frame)) || matches(frame.module ?? "") || matches(frame.file ?? ""),
      );
    return process.sites.filter(
      (site) => isBelow(site.category, this.category) && (!fits || site.frames.some((frame) => fits[frame])),
    );
  }

  sort(rows) {
    const { by, isUp } = this.order,
      sign = isUp ? 1 : -1;
    for (const button of this.heads) {
      const cell = button.parentElement;
      cell.setAttribute("aria-sort", cell.dataset.by !== by ? "none" : isUp ? "ascending" : "descending");
    }
    return rows.sort((a, b) => sign * (a[by] - b[by]));
  }

  sortBy(by) {
    this.order = { by, isUp: this.order.by === by && !this.order.isUp };
    this.scroller.scrollTop = 0;
    this.update();
  }

  tellSum() {
    const whole = this.model.process.sites.reduce((sum, site) => sum + site.live_bytes, 0);
    const live = this.rows.reduce((sum, site) => sum + site.live_bytes, 0);
    this.sum.textContent =
      `${count(this.rows.length)} of ${count(this.model.process.sites.length)} sites` +
      (whole > 0 ? `, ${bytes(live)} live, ${share(live, whole)}` : "");
  }

  draw() {
    if (!this.order) return;
    const { scrollTop, clientHeight } = this.scroller;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const last = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / ROW) + SPARE);
    this.body.style.height = `${this.rows.length * ROW}px`;
    this.scroller.setAttribute("aria-rowcount", String(this.rows.length));
    const most = this.rows.at(this.order.isUp ? -1 : 0)?.[this.order.by] ?? 0;
    this.body.replaceChildren(
      ...this.rows.slice(first, last).map((site, i) => this.row(site, first + i, most)),
    );
  }

  row(site, place, most) {
    const cells = COLUMNS.map(([by, , words]) =>
      make("span", { class: "cell number", role: "cell" }, words(site[by])),
    );
    const swatch = make("span", { class: "swatch" });
    swatch.style.background = this.model.colours.of(site.category);
    const [name, ...callers] = this.namesOf(site);
    const row = make(
      "div",
      {
        class: "row",
        role: "row",
        "aria-rowindex": place + 1,
        "aria-selected": String(site === this.chosen),
        onclick: () => this.choose(site),
      },
      make(
        "span",
        { class: "cell", role: "cell", title: [name, ...callers].join(" ‹ ") },
        make("b", {}, name),
        make("span", { class: "quiet" }, callers.map((caller) => ` ‹ ${caller}`).join("")),
      ),
      make("span", { class: "cell", role: "cell", title: site.category }, swatch, site.category),
      make("span", { class: "cell", role: "cell" }, bar(site[this.order.by], most)),
      ...cells,
    );
    row.style.top = `${place * ROW}px`;
    return row;
  }

  /* The innermost functions whose names are known. */
  namesOf(site) {
    const frames = site.frames.slice(0, CALLERS).map((number) => this.model.process.frames[number]);
    const known = frames.filter((frame) => frame.function);
    const names = (known.length ? known : frames).map((frame) => shortName(frameName(frame)));
    return names.length === 0 ? ["(no stack was taken)"] : names.filter((name, i) => name !== names[i - 1]);
  }

  choose(site) {
    this.keep(site);
    this.draw();
    this.tell();
  }

  /* Its stack in words, too: when the sites are read anew its frames have other numbers. */
  keep(site) {
    this.chosen = site;
    this.stack = site ? this.words(site) : "";
  }

  words(site) {
    return site.frames.map((number) => frameName(this.model.process.frames[number])).join("\n");
  }

  isChosenStill(site) {
    return (
      this.chosen &&
      site.category === this.chosen.category &&
      site.frames.length === this.chosen.frames.length &&
      this.words(site) === this.stack
    );
  }

  onKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };
    if (!(event.key in steps) || event.target.closest("button")) return;
    const place = Math.min(
      Math.max(this.rows.indexOf(this.chosen) + steps[event.key], 0),
      this.rows.length - 1,
    );
    event.preventDefault();
    if (!this.rows[place]) return;
    const { clientHeight, scrollTop } = this.scroller,
      head = this.head.offsetHeight;
    if (place * ROW < scrollTop) this.scroller.scrollTop = place * ROW;
    if ((place + 1) * ROW > scrollTop + clientHeight - head)
      this.scroller.scrollTop = (place + 1) * ROW - clientHeight + head;
    this.choose(this.rows[place]);
  }

  /* ---- the chosen one ------------------------------------------------------------------------------------- */

  tell() {
    const site = this.chosen;
    if (!site) return this.panel.replaceChildren(make("p", { class: "quiet" }, "No site fits."));
    const figures = [
      ["Live", `${bytes(site.live_bytes)} in ${count(site.live_blocks)} blocks`],
      ["95 % between", `${bytes(site.interval_low_bytes)} – ${bytes(site.interval_high_bytes)}`],
      ["At the process's peak", bytes(site.at_process_peak_bytes)],
      ["Its own peak", bytes(site.peak_bytes)],
      ["Total", `${bytes(site.total_bytes)} in ${count(site.total_blocks)} blocks`],
      ["Average, largest", `${bytes(site.average_bytes)}, ${bytes(site.largest_bytes)}`],
      [
        "Freed at once",
        `${count(site.temporary_blocks)} blocks, ${share(site.temporary_blocks, site.total_blocks)}`,
      ],
      ["Lifetime", length(site.mean_lifetime_seconds)],
      ["Samples", `${count(site.samples)}, ${count(site.live_samples)} live`],
    ];
    const cut = site.truncated
      ? "cut: the frames further out are not kept"
      : site.incomplete
        ? "the way further out was lost"
        : null;
    this.panel.replaceChildren(
      make("h3", {}, site.category),
      make(
        "dl",
        { class: "figures" },
        ...figures.flatMap(([name, words]) => [make("dt", {}, name), make("dd", {}, words)]),
      ),
      make("h3", {}, "Call stack"),
      make(
        "ol",
        { class: "stack", id: "sites-stack" },
        ...site.frames.map((number) => this.frame(this.model.process.frames[number])),
      ),
      cut ? make("p", { class: "quiet" }, cut) : null,
    );
  }

  frame(frame) {
    const place = [frame.file ? `${frame.file}${frame.line ? `:${frame.line}` : ""}` : null, frame.module]
      .filter(Boolean)
      .join(" · ");
    return make(
      "li",
      {},
      make("code", {}, frameName(frame)),
      frame.inlined ? make("span", { class: "chip" }, "inlined") : null,
      make("div", { class: "quiet" }, place || "in no module"),
    );
  }
}
