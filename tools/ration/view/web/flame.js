/*
 * flame.js: the flame graph: call stacks, as wide as the bytes that they stand for.
 *
 * Only frames that can be seen are made: of the one that is looked at, what has at least LEAST of its width. Looking at one
 * inside makes those that were too narrow before.
 */
import flamegraph from "d3-flame-graph";
import { select } from "d3-selection";

import { Calls, matcher, shortName } from "./calls.js";
import { fillSelection, later, make, press, searching, segmented, selection } from "./dom.js";
import { lighter, onTheme } from "./theme.js";
import { bytes, share } from "./units.js";

const LEAST = 1 / 800;
const CELL = 22;
const MOVE = 220; /* milliseconds of a zoom */
const MOSTLY = 0.6; /* of a frame's bytes: it then has their category's colour */
const BY = [
  ["live", "Live", "Bytes that live"],
  ["total", "Total", "All bytes allocated so far"],
  ["peak", "At peak", "Bytes that lived when the process was at its peak"],
];
const SHAPES = [
  ["calls", "From main", "Who calls whom, from main inward"],
  ["callers", "From allocation", "Who is called by whom, from the function that allocates outward"],
];

export class Flame {
  constructor(model) {
    this.model = model;
    this.wishes = { by: null, isInverted: false, category: "" };
    this.path = [];
    this.matches = null;
    this.current = null; /* the frame that keys have come to */
    this.root = this.layOut();
    onTheme(() => this.show());
    new ResizeObserver(later(() => this.resize(), 80)).observe(this.canvas);
  }

  layOut() {
    this.bytes = segmented("Bytes", BY, "live", (by) => this.wish({ by }));
    this.category = selection("Category", "flame-category", (value) => this.wish({ category: value }));
    [this.search, this.found] = searching("flame-search", "Search functions", "flame-found", () => this.seek());
    this.out = make(
      "button",
      { type: "button", id: "flame-reset", disabled: true, onclick: () => this.zoomTo([]) },
      "Zoom out",
    );
    this.canvas = make("div", {
      id: "flame-graph",
      class: "flame",
      tabindex: "0",
      role: "application",
      "aria-label":
        "Flame graph. Arrow keys move from frame to frame, Enter looks at one alone, Escape goes back.",
      "aria-describedby": "flame-details",
      onkeydown: (event) => this.onKey(event),
      onmousemove: (event) => this.point(event),
      onmouseleave: () => this.leave(),
    });
    this.details = make("div", { id: "flame-details", class: "details", "aria-live": "polite" });
    this.tip = make("div", { class: "tip", role: "tooltip", hidden: true });
    this.empty = make("p", { class: "empty", hidden: true });
    document.body.append(this.tip);
    return make(
      "section",
      { class: "view", "aria-label": "Flame graph" },
      make(
        "div",
        { class: "toolbar" },
        this.bytes,
        segmented("Direction", SHAPES, "calls", (shape) => this.wish({ isInverted: shape === "callers" })),
        this.category,
        make("span", { class: "spring" }),
        this.found,
        this.search,
        this.out,
      ),
      this.empty,
      this.canvas,
      this.details,
    );
  }

  wish(change) {
    if ("isInverted" in change) this.path = [];
    Object.assign(this.wishes, change);
    this.update();
  }

  /* The process has other sites than before, or is another one. */
  update() {
    const process = this.model.process;
    if (!process?.sites) return this.say(process?.remark ?? "Reading call stacks …");
    if (!this.wishes.by) this.begin(process);
    const names = [...new Set(process.sites.map((site) => site.category))].sort();
    this.wishes.category = fillSelection(
      this.category,
      [["", "All categories"], ...names.map((name) => [name, name])],
      this.wishes.category,
    );
    this.calls = new Calls(process, this.wishes);
    if (this.calls.value(this.calls.root) <= 0) return this.say(this.reason(process));
    this.empty.hidden = true;
    this.canvas.hidden = this.details.hidden = false;
    this.focus = this.calls.follow(this.path);
    this.seek();
  }

  /* Of a process that has given all back, nothing lives. */
  begin(process) {
    const lives = process.sites.some((site) => site.live_bytes > 0) || process.sites.length === 0;
    this.wishes.by = lives ? "live" : "peak";
    press(this.bytes, this.wishes.by);
  }

  reason(process) {
    if (process.sampling.mean_bytes === 0) return "No call stacks: none were taken (sample=off).";
    if (process.sites.length === 0) return "No call stacks yet: no block has been a sample.";
    return this.wishes.by === "live" ? "Nothing lives. Look at Total, or At peak." : "No bytes to show.";
  }

  say(words) {
    this.empty.textContent = words;
    this.empty.hidden = false;
    this.canvas.hidden = this.details.hidden = true;
  }

  /* Draws what is looked at anew. */
  show() {
    if (!this.calls || this.canvas.hidden || !this.canvas.clientWidth) return;
    this.chart?.destroy();
    this.built = this.focus;
    this.current = null;
    const tip = Object.assign(() => {}, { show: () => {}, hide: () => {}, destroy: () => {} });
    this.chart = flamegraph()
      .width(this.canvas.clientWidth)
      .cellHeight(CELL)
      .minFrameSize(1.5)
      .inverted(true)
      .sort(false)
      .transitionDuration(0)
      .resetHeightOnZoom(true)
      .tooltip(tip)
      .getName((frame) => frame.data.name)
      .setColorMapper((frame) => this.colour(frame))
      .onClick((frame) => this.zoomed(frame.data.node));
    select(this.canvas).datum(this.build()).call(this.chart);
    this.settle();
    this.chart.transitionDuration(isStill() ? 0 : MOVE);
    this.mark();
    this.tell(this.focus);
  }

  /* Frames are there at once: what is drawn anew must not grow from nothing each time. */
  settle() {
    const frames = select(this.canvas).selectAll("g.frame");
    frames
      .select("rect")
      .interrupt()
      .attr("width", (frame) => (frame.x1 - frame.x0) * this.chart.width());
    frames
      .select(".d3-flame-graph-label")
      .interrupt()
      .text((frame) => frame.data.name);
  }

  /* The frames that lead to what is looked at, and what is below it. */
  build() {
    const way = [];
    for (let node = this.focus; node; node = node.parent) way.unshift(node);
    const least = this.calls.value(this.focus) * LEAST;
    let data = this.grow(this.focus, least);
    for (const node of way.slice(0, -1).reverse())
      data = { ...this.leaf(node), fade: true, children: [data] };
    return data;
  }

  leaf(node) {
    const { category, share: mostly } = this.calls.categoryOf(node);
    const name = this.calls.nameOf(node);
    return {
      name: shortName(name),
      value: this.calls.value(node),
      node,
      shade: shadeOf(name),
      category: mostly >= MOSTLY ? category : null,
      found: this.matches?.(name) ?? false,
    };
  }

  grow(node, least) {
    const all = this.calls.children(node);
    const children = all.filter((child) => this.calls.value(child) >= least);
    return {
      ...this.leaf(node),
      isCut: children.length < all.length,
      children: children.map((child) => this.grow(child, least)),
    };
  }

  colour(frame) {
    const { category, shade, found } = frame.data;
    if (this.matches) return found ? "#f062d0" : lighter(this.model.colours.neutral(), 0.25);
    const colour =
      frame.data.node.name < 0 || !category ? this.model.colours.neutral() : this.model.colours.of(category);
    return lighter(colour, shade * 0.35);
  }

  /* The graph has gone there by itself, and has what it had; others are made. */
  zoomed(node) {
    this.path = this.calls.path(node);
    this.focus = node;
    const wasWider = this.built !== this.calls.root && !isInside(node, this.built);
    if (wasWider || this.isCutBelow(node)) setTimeout(() => this.show(), isStill() ? 0 : MOVE + 20);
    else this.mark();
    this.tell(node);
  }

  isCutBelow(node) {
    const least = this.calls.value(node) * LEAST,
      before = this.calls.value(this.built) * LEAST;
    const isCut = (at) =>
      this.calls.children(at).some((child) => {
        const value = this.calls.value(child);
        return value >= least && (value < before || isCut(child));
      });
    return node !== this.built && isCut(node);
  }

  zoomTo(path) {
    this.path = path;
    this.focus = this.calls.follow(path);
    this.show();
  }

  seek() {
    this.matches = matcher(this.search.value);
    const isWrong = this.search.value !== "" && !this.matches;
    this.search.setAttribute("aria-invalid", String(isWrong));
    this.found.textContent = isWrong ? "no regular expression" : "";
    if (this.matches && this.calls) {
      const result = this.calls.search(this.matches);
      this.found.textContent =
        `${result.functions} ${result.functions === 1 ? "function" : "functions"}, ` +
        share(result.bytes, this.calls.value(this.calls.root));
    }
    this.show();
  }

  resize() {
    if (this.canvas.clientWidth && this.chart && this.chart.width() !== this.canvas.clientWidth) this.show();
    else if (!this.chart) this.show();
  }

  mark() {
    this.out.disabled = this.path.length === 0;
  }

  /* What it is, below the graph. */
  tell(node) {
    const whole = this.calls.value(this.calls.root),
      value = this.calls.value(node);
    const frame = this.calls.frameOf(node);
    this.details.replaceChildren(
      make("strong", {}, this.calls.nameOf(node)),
      make("span", {}, bytes(value)),
      make("span", {}, share(value, whole)),
      make("span", { class: "quiet" }, frame ? placeOf(frame) : "all call stacks"),
    );
  }

  /* ---- the mouse ------------------------------------------------------------------------------------------ */

  point(event) {
    const node = event.target.closest?.("g.frame")?.__data__?.data.node;
    if (!node) return this.leave();
    const { category, share: mostly } = this.calls.categoryOf(node);
    const whole = this.calls.value(this.calls.root),
      value = this.calls.value(node),
      own = this.calls.own(node);
    const frame = this.calls.frameOf(node);
    const rows = [
      ["In all", `${bytes(value)}, ${share(value, whole)}`],
      ["By itself", bytes(own)],
      ["Category", mostly >= 0.9995 ? category : `${category} ${share(mostly, 1)}, and others`],
    ];
    this.tip.replaceChildren(
      make("strong", {}, this.calls.nameOf(node)),
      frame ? make("div", { class: "quiet" }, placeOf(frame)) : null,
      make("dl", {}, ...rows.flatMap(([name, words]) => [make("dt", {}, name), make("dd", {}, words)])),
    );
    this.tip.hidden = false;
    const { clientX: x, clientY: y } = event,
      { offsetWidth: w, offsetHeight: h } = this.tip;
    this.tip.style.left = `${Math.max(8, Math.min(x + 14, innerWidth - w - 8))}px`;
    this.tip.style.top = `${y + 18 + h > innerHeight ? Math.max(8, y - h - 12) : y + 18}px`;
  }

  leave() {
    this.tip.hidden = true;
  }

  /* ---- keys ----------------------------------------------------------------------------------------------- */

  onKey(event) {
    const at = this.current ?? this.canvas.querySelector("g.frame")?.__data__;
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    const siblings = at.parent?.children?.filter((frame) => !frame.data.hide) ?? [at];
    const place = siblings.indexOf(at);
    const to = {
      ArrowDown: at.children?.[0],
      ArrowUp: at.parent,
      ArrowLeft: siblings[place - 1],
      ArrowRight: siblings[place + 1],
    };
    if (event.key === "Enter") this.chart.zoomTo(at);
    else if (event.key === "Escape" && this.path.length) this.zoomTo(this.path.slice(0, -1));
    else if (event.key in to) this.moveTo(to[event.key] ?? at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  moveTo(frame) {
    this.current = frame;
    for (const group of this.canvas.querySelectorAll("g.frame"))
      group.classList.toggle("current", group.__data__ === frame);
    this.tell(frame.data.node);
  }
}

function isInside(node, outer) {
  for (let at = node; at; at = at.parent) {
    if (at === outer) return true;
  }
  return false;
}

/* Somebody may want nothing to move. */
function isStill() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function placeOf(frame) {
  const line = frame.file ? `${frame.file}${frame.line ? `:${frame.line}` : ""}` : "";
  return [line, frame.module ? `in ${frame.module}` : ""].filter(Boolean).join(" ") || "in no module";
}

/* From 0 to 1, the same for a name each time. */
function shadeOf(name) {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) | 0;
  return ((hash >>> 0) % 100) / 100;
}
