/*
 * main.js: the page: which process, which view, and the keys of all.
 */
import { fillSelection, find, make } from "./dom.js";
import { Flame } from "./flame.js";
import { Sites } from "./sites.js";
import { Embedded, Server, embedded } from "./source.js";
import { Summary } from "./summary.js";
import { Colours, onTheme, themeButton } from "./theme.js";
import { Timeline } from "./timeline.js";
import { bytes, seconds } from "./units.js";

const KEYS = [
  ["1 … 4", "the views"],
  ["/", "search, or filter"],
  ["p", "choose a process"],
  ["t", "light, dark, or as the system"],
  ["f", "freeze, or go on (of a server)"],
  ["← ↑ ↓ →", "flame graph: from frame to frame; timeline: earlier, later; sites: from one to the next"],
  ["Enter", "flame graph: look at this frame alone"],
  ["Esc", "flame graph: one frame back; timeline: all of it"],
  ["+ −", "timeline: look more closely, less closely"],
];
const STATES = {
  live: "live",
  frozen: "frozen",
  lost: "The server does not answer; asking again …",
  gone: "This process is no longer there; these are its last figures.",
  closed: "The server asks for its token.",
};

const model = { list: [], process: null, colours: new Colours() };
const views = makeViews();
let shown = views.find(({ id }) => `#${id}` === location.hash) ?? views[0];
const data = embedded();
const source = data
  ? new Embedded(data, model, changed)
  : new Server(model, changed, () => ["flame", "sites"].includes(shown.id));

layOut();
source.start();

function makeViews() {
  const lookAt = (category) => {
    const flame = views.find(({ id }) => id === "flame");
    show(flame);
    flame.view.wish({ category });
  };
  return [
    { id: "summary", words: "Summary", view: new Summary(model, lookAt), on: ["process", "figures"] },
    { id: "flame", words: "Flame graph", view: new Flame(model), on: ["process", "sites"] },
    { id: "timeline", words: "Timeline", view: new Timeline(model), on: ["process", "timeline"] },
    { id: "sites", words: "Sites", view: new Sites(model), on: ["process", "sites"] },
  ];
}

function layOut() {
  themeButton(find("theme"));
  onTheme(() => {
    if (shown.id === "summary" || shown.id === "sites") shown.view.update();
  });
  find("views").append(
    ...views.map((one, i) =>
      make(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${one.id}`,
          "aria-controls": "view",
          title: `${one.words} (${i + 1})`,
          onclick: () => show(one),
        },
        one.words,
      ),
    ),
  );
  find("process").addEventListener("change", () => choose(find("process").value));
  find("freeze").hidden = !model.isLive;
  find("freeze").addEventListener("click", freeze);
  find("help").addEventListener("click", () => find("keys").showModal());
  find("keys").append(
    make("h2", {}, "Keys"),
    make(
      "dl",
      {},
      ...KEYS.flatMap(([key, words]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, words)]),
    ),
    make("form", { method: "dialog" }, make("button", {}, "Close")),
  );
  find("token")
    .querySelector("form")
    .addEventListener("submit", () => source.introduce(find("token-words").value));
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () =>
    show(views.find(({ id }) => `#${id}` === location.hash) ?? shown),
  );
  show(shown);
}

function choose(key) {
  model.colours = new Colours();
  source.choose(key);
}

/* ---- what has changed ------------------------------------------------------------------------------------- */

function changed(what) {
  if (what === "list") showList();
  if (what === "state") showState();
  if (what === "process" || what === "figures") {
    if (model.process?.categories) model.colours.learn(model.process.categories);
    showProcess();
  }
  if (shown.on.includes(what)) shown.view.update();
}

function showList() {
  const rows = model.list.map(({ key, process }) => [
    key,
    `${process.program} · ${process.pid} · ${process.state} · ${bytes(process.total?.live_bytes)}`,
  ]);
  fillSelection(find("process"), rows.length ? rows : [["", "no tracked process"]], model.key);
  find("process").disabled = rows.length < 2;
}

function showProcess() {
  const { process } = model;
  find("state").textContent = process ? stateOf(process) : "";
  find("state").className = `chip state-${process?.state ?? "none"}`;
  find("facts").textContent = find("facts").title = process ? factsOf(process) : "";
  document.title = process ? `${process.program} ${process.pid} – ration` : "ration";
  if (find("process").value !== model.key) showList();
}

function stateOf({ state, exit_status: status, signal }) {
  if (state === "exited" && status !== null) return `exited ${status}`;
  return state === "killed" && signal !== null ? `killed by signal ${signal}` : state;
}

function factsOf(process) {
  const heap = process.heap
    ? `${process.heap} heap${process.allocator ? ` over ${process.allocator}` : ""}`
    : null;
  const threads = process.threads
    ? `${process.threads} ${process.threads === 1 ? "thread" : "threads"}`
    : null;
  const time =
    process.uptime_seconds === null
      ? null
      : `${process.state === "running" ? "for" : "after"} ${seconds(process.uptime_seconds)}`;
  return [
    time,
    heap,
    threads,
    process.started_at ? `since ${process.started_at.slice(0, 19).replace("T", " ")} UTC` : null,
  ]
    .filter(Boolean)
    .join(" · ");
}

function showState() {
  find("connection").textContent = STATES[model.state] ?? "";
  find("connection").className = `quiet state-${model.state}`;
  if (model.state === "closed" && !find("token").open) find("token").showModal();
}

/* ---- views and keys --------------------------------------------------------------------------------------- */

function show(one) {
  shown = one;
  for (const { id } of views) find(`tab-${id}`).setAttribute("aria-selected", String(id === one.id));
  find("view").replaceChildren(one.view.root);
  find("view").setAttribute("aria-labelledby", `tab-${one.id}`);
  if (location.hash !== `#${one.id}`) history.replaceState(null, "", `#${one.id}`);
  if (model.isLive) source.soon?.();
  one.view.update();
}

function freeze() {
  source.freeze(!source.isFrozen);
  find("freeze").textContent = source.isFrozen ? "Go on" : "Freeze";
  find("freeze").setAttribute("aria-pressed", String(source.isFrozen));
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, dialog")) return;
  const search = { flame: "flame-search", sites: "sites-filter" }[shown.id];
  const acts = {
    "/": () => search && find(search).focus(),
    p: () => find("process").focus(),
    t: () => find("theme").click(),
    "?": () => find("keys").showModal(),
    f: () => model.isLive && freeze(),
  };
  const act = acts[event.key] ?? (views[Number(event.key) - 1] && (() => show(views[Number(event.key) - 1])));
  if (!act) return;
  act();
  event.preventDefault();
}
