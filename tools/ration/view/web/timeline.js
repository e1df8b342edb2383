/*
 * timeline.js: what was charged in the course of time, category above category, and the budget that is looked at.
 *
 * Of a budget the plot has its limit and the levels below it, and there is a lane for each with the levels that it has been at.
 */
import uPlot from "uplot";

import { isBelow } from "./calls.js";
import { fillSelection, later, make, selection } from "./dom.js";
import { lanes } from "./lanes.js";
import { onTheme, styleOf } from "./theme.js";
import { bytes, clock, percents, share } from "./units.js";

const MOST = 10; /* categories with a colour of their own; the others are one */
const HEIGHT = 380;
const LEVELS = ["low", "medium", "high", "critical"];
const IN_SIGHT = 3; /* a limit of so many times the most is still in the plot */

export class Timeline {
  constructor(model) {
    this.model = model;
    this.scope = "";
    this.hidden = new Set();
    this.root = this.layOut();
    onTheme(() => this.rebuild());
    new ResizeObserver(later(() => this.resize(), 80)).observe(this.canvas);
  }

  layOut() {
    this.choice = selection("Part of the process", "timeline-scope", (value) => {
      this.scope = value;
      this.rebuild();
    });
    this.moment = make("output", { class: "found", id: "timeline-moment" });
    this.reset = make(
      "button",
      { type: "button", id: "timeline-reset", disabled: true, onclick: () => this.all() },
      "All of it",
    );
    this.canvas = make("div", {
      class: "plot",
      id: "timeline-plot",
      tabindex: "0",
      role: "application",
      "aria-label":
        "Timeline. Plus and minus change the stretch of time, left and right move it, Escape shows all of it.",
      onkeydown: (event) => this.onKey(event),
    });
    this.lanes = make("div", { class: "lanes" });
    this.legend = make("table", { class: "legend", "aria-label": "Categories" });
    this.empty = make("p", { class: "empty", hidden: true });
    return make(
      "section",
      { class: "view", "aria-label": "Timeline" },
      make(
        "div",
        { class: "toolbar" },
        this.choice,
        make("span", { class: "quiet" }, "Drag over a stretch to look at it closely"),
        make("span", { class: "spring" }),
        this.moment,
        this.reset,
      ),
      this.empty,
      this.canvas,
      this.lanes,
      this.legend,
    );
  }

  update() {
    const { process } = this.model;
    const length = process?.timeline?.length ?? 0;
    this.empty.hidden = length > 1;
    this.canvas.hidden = this.legend.hidden = length < 2;
    this.empty.textContent = process?.remark ?? "No timeline yet: too few points have come.";
    if (length < 2) return;
    const budgets = process.budgets.map(({ category, limit_bytes }) => [
      category,
      `${category}, budget ${bytes(limit_bytes)}`,
    ]);
    const known = new Set(["total", ...budgets.map(([name]) => name)]);
    const others = process.categories
      .filter(({ name }) => !known.has(name))
      .map(({ name }) => [name, name])
      .sort();
    const ofAll = budgets.find(([name]) => name === "total");
    this.scope = fillSelection(
      this.choice,
      [
        ["", ofAll ? `Whole process, budget ${ofAll[1].split("budget ")[1]}` : "Whole process"],
        ...budgets.filter(([name]) => name !== "total"),
        ...others,
      ],
      this.scope,
    );
    this.lines = this.linesOf(process);
    const shape = JSON.stringify([process.pid, this.scope, this.lines.map(({ name }) => name)]);
    if (!this.plot || shape !== this.shape) this.rebuild();
    else this.refresh();
    this.shape = shape;
  }

  /* The largest first, at the bottom. */
  linesOf({ timeline }) {
    const most = [];
    for (const [name, column] of timeline.categories) {
      if (!isBelow(name, this.scope)) continue;
      let largest = 0;
      for (const live of column) if (live > largest) largest = live;
      if (largest > 0) most.push([name, largest]);
    }
    const ranked = most.sort((a, b) => b[1] - a[1]).map(([name]) => name);
    const own = new Set(ranked.slice(0, ranked.length > MOST + 1 ? MOST : ranked.length));
    const lines = [...own].map((name) => ({
      name,
      colour: () => this.model.colours.of(name),
      column: timeline.categories.get(name),
    }));
    if (own.size < ranked.length) {
      lines.push({
        name: `${ranked.length - own.size} others`,
        colour: () => this.model.colours.neutral(),
        column: timeline.sum((name) => isBelow(name, this.scope) && !own.has(name)),
      });
    }
    return lines;
  }

  get budget() {
    return this.model.process.budgets.find(({ category }) => category === (this.scope || "total"));
  }

  shown() {
    return this.lines.filter(({ name }) => !this.hidden.has(name));
  }

  /* Each line is what it has above those below it. */
  data() {
    const { seconds } = this.model.process.timeline;
    const sums = new Float64Array(seconds.length);
    const columns = this.shown().map(({ column }) => Array.from(column, (live, i) => (sums[i] += live)));
    return [seconds, ...columns];
  }

  rebuild() {
    if (!this.model.process?.timeline || this.canvas.hidden) return;
    this.lines = this.linesOf(this.model.process);
    const width = this.canvas.clientWidth;
    if (!width) return;
    const stretch = this.stretch;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(width), this.data(), this.canvas);
    this.stretch = null;
    if (stretch) this.look(stretch.min, stretch.max);
    this.showLegend();
    this.showLanes();
  }

  refresh() {
    this.plot.setData(this.data(), !this.stretch);
    if (this.stretch) this.plot.setScale("x", this.stretch);
    this.showLegend();
    this.showLanes();
  }

  options(width) {
    const shown = this.shown();
    const axis = {
      stroke: () => styleOf("--quiet"),
      grid: { stroke: () => styleOf("--grid"), width: 1 },
      ticks: { stroke: () => styleOf("--grid"), width: 1 },
      font: "12px system-ui, sans-serif",
    };
    return {
      width,
      height: HEIGHT,
      legend: { show: false },
      padding: [14, 28, 0, 0],
      scales: { x: { time: false }, y: { range: (_, __, most) => [0, this.top(most)] } },
      axes: [
        { ...axis, values: (_, at) => at.map((second) => clock(second)) },
        {
          ...axis,
          size: 84,
          incrs: Array.from({ length: 52 }, (_, i) => 2 ** i),
          values: (_, at) => at.map((value) => bytes(value)),
        },
      ],
      series: [
        {},
        ...shown.map((line) => ({
          label: line.name,
          stroke: line.colour(),
          width: 1.25,
          fill: `${line.colour()}b8`,
          points: { show: false },
        })),
      ],
      bands: shown.slice(1).map((_, i) => ({ series: [i + 2, i + 1] })),
      cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false }, y: false },
      hooks: {
        drawClear: [(plot) => this.drawLevels(plot)],
        draw: [(plot) => this.drawLimit(plot), (plot) => this.drawMarks(plot)],
        setSelect: [(plot) => this.take(plot)],
        setCursor: [(plot) => this.point(plot)],
        setScale: [
          (_, scale) => {
            if (scale === "x") this.showLanes();
          },
        ],
      },
    };
  }

  top(most) {
    const limit = this.budget?.limit_bytes;
    const inSight = limit && limit <= IN_SIGHT * Math.max(most ?? 0, 1) ? limit : 0;
    return Math.max((most ?? 0) * 1.08, inSight * 1.06, 1024);
  }

  /* ---- what is drawn besides ------------------------------------------------------------------------------ */

  drawLevels(plot) {
    const budget = this.budget;
    if (!budget) return;
    const { ctx, bbox } = plot;
    const edges = [...percents(budget.thresholds), 100].map(
      (percent) => (budget.limit_bytes * percent) / 100,
    );
    ctx.save();
    ctx.globalAlpha = 0.16;
    LEVELS.forEach((level, i) => {
      const upper = clamp(plot.valToPos(edges[i + 1], "y", true), bbox),
        lower = clamp(plot.valToPos(edges[i], "y", true), bbox);
      ctx.fillStyle = styleOf(`--level-${level}`);
      if (lower > upper) ctx.fillRect(bbox.left, upper, bbox.width, lower - upper);
    });
    ctx.restore();
  }

  drawLimit(plot) {
    const budget = this.budget;
    if (!budget) return;
    const { ctx, bbox } = plot;
    const y = plot.valToPos(budget.limit_bytes, "y", true),
      isAbove = y < bbox.top;
    ctx.save();
    ctx.fillStyle = ctx.strokeStyle = styleOf("--level-critical");
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "right";
    ctx.fillText(
      `${isAbove ? "↑ " : ""}budget ${bytes(budget.limit_bytes)}`,
      bbox.left + bbox.width - 6,
      (isAbove ? bbox.top : y) + 14 * devicePixelRatio,
    );
    if (!isAbove) line(ctx, [6, 4], 1.5, bbox.left, y, bbox.left + bbox.width, y);
    ctx.restore();
  }

  /* Marks of the program, and, of the budget, what it has turned away. */
  drawMarks(plot) {
    const { ctx, bbox } = plot;
    const [from, to] = [plot.scales.x.min, plot.scales.x.max];
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    let free = -Infinity;
    for (const event of this.model.process.events ?? []) {
      if (event.at_seconds < from || event.at_seconds > to) continue;
      const x = plot.valToPos(event.at_seconds, "x", true);
      const isOfBudget = this.budget && (event.budget ?? event.category) === this.budget.category;
      if (event.kind === "mark") {
        ctx.fillStyle = ctx.strokeStyle = styleOf("--quiet");
        line(ctx, [2, 4], 1, x, bbox.top, x, bbox.top + bbox.height);
        const words = `${event.name ?? ""} ${event.number}`.trim();
        if (x > free) ctx.fillText(words, x + 4, bbox.top + 11 * devicePixelRatio);
        free = Math.max(free, x + 10 + ctx.measureText(words).width);
      } else if (isOfBudget && (event.kind === "breach" || event.kind === "refusal")) {
        ctx.fillStyle = styleOf(event.kind === "breach" ? "--level-critical" : "--level-high");
        triangle(ctx, x, bbox.top + bbox.height, 5 * devicePixelRatio);
      }
    }
    ctx.restore();
  }

  showLanes() {
    if (!this.plot) return;
    const { min, max } = this.plot.scales.x;
    const ratio = devicePixelRatio;
    this.lanes.replaceChildren(
      ...lanes(this.model.process, {
        from: min,
        to: max,
        left: this.plot.bbox.left / ratio,
        width: this.plot.bbox.width / ratio,
      }),
    );
  }

  showLegend(at = null) {
    const { seconds } = this.model.process.timeline;
    const place = at ?? seconds.length - 1;
    const whole = this.lines.reduce((sum, { column }) => sum + column[place], 0);
    this.moment.textContent = at === null ? "" : `at ${clock(seconds[place], 2)}: ${bytes(whole)}`;
    const rows = this.lines.map((line) => {
      const swatch = make("span", { class: "swatch" });
      swatch.style.background = line.colour();
      return make(
        "tr",
        {},
        make(
          "td",
          {},
          make(
            "button",
            {
              type: "button",
              class: "plain",
              "aria-pressed": String(!this.hidden.has(line.name)),
              title: "Show or hide it",
              onclick: () => this.toggle(line.name),
            },
            swatch,
            make("span", {}, line.name),
          ),
        ),
        make("td", { class: "number" }, bytes(line.column[place])),
        make("td", { class: "number quiet" }, share(line.column[place], whole)),
      );
    });
    const focused = this.legend.contains(document.activeElement)
      ? [...this.legend.querySelectorAll("button")].indexOf(document.activeElement)
      : -1;
    this.legend.replaceChildren(make("tbody", {}, ...rows));
    if (focused >= 0) this.legend.querySelectorAll("button")[focused]?.focus();
  }

  toggle(name) {
    if (!this.hidden.delete(name)) this.hidden.add(name);
    this.rebuild();
  }

  /* ---- the stretch of time that is looked at -------------------------------------------------------------- */

  take(plot) {
    const { left, width } = plot.select;
    if (width < 3) return;
    this.look(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  }

  look(min, max) {
    const { seconds } = this.model.process.timeline;
    const [first, last] = [seconds[0], seconds.at(-1)];
    const from = Math.max(first, min),
      to = Math.min(last, max);
    if (to - from < 1e-4) return;
    this.stretch = from <= first && to >= last ? null : { min: from, max: to };
    this.reset.disabled = !this.stretch;
    this.plot.setScale("x", { min: from, max: to });
  }

  all() {
    this.look(-Infinity, Infinity);
  }

  onKey(event) {
    if (!this.plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const { min, max } = this.plot.scales.x,
      span = max - min;
    const to = {
      "+": [min + span / 4, max - span / 4],
      "=": [min + span / 4, max - span / 4],
      "-": [min - span / 2, max + span / 2],
      ArrowLeft: [min - span / 4, max - span / 4],
      ArrowRight: [min + span / 4, max + span / 4],
      Escape: [-Infinity, Infinity],
    };
    if (!(event.key in to)) return;
    this.move(...to[event.key], event.key.startsWith("Arrow") ? span : 0);
    event.preventDefault();
    event.stopPropagation();
  }

  /* At an end of the timeline a move keeps its span. */
  move(min, max, span) {
    const { seconds } = this.model.process.timeline;
    const [first, last] = [seconds[0], seconds.at(-1)];
    if (span && min < first) this.look(first, first + span);
    else if (span && max > last) this.look(last - span, last);
    else this.look(min, max);
  }

  point(plot) {
    this.showLegend(plot.cursor.idx ?? null);
  }

  resize() {
    if (!this.canvas.clientWidth) return;
    if (!this.plot) this.rebuild();
    else if (this.plot.width !== this.canvas.clientWidth)
      this.plot.setSize({ width: this.canvas.clientWidth, height: HEIGHT });
    this.showLanes();
  }
}

function clamp(y, bbox) {
  return Math.min(Math.max(y, bbox.top), bbox.top + bbox.height);
}

function line(ctx, dashes, width, fromX, fromY, toX, toY) {
  ctx.setLineDash(dashes.map((dash) => dash * devicePixelRatio));
  ctx.lineWidth = width * devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}

function triangle(ctx, x, y, size) {
  ctx.beginPath();
  ctx.moveTo(x - size, y);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y - 1.7 * size);
  ctx.fill();
}
