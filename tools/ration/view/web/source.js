/*
 * source.js: where the data comes from: out of the page itself, or, page by page, from the server that has sent it.
 *
 * Both fill `model`, and say what has changed: "list", "process" (another one), "figures", "timeline", "sites", "state".
 */
import { find } from "./dom.js";
import { Points } from "./points.js";

const SECOND = 1000;
const LIST_EVERY = 2,
  SITES_EVERY = 5; /* seconds */
const POINTS_MOST = 20000;

/* The data of a page that `report --html` has written; null: there is none. */
export function embedded() {
  const element = find("data");
  return element ? JSON.parse(element.textContent) : null;
}

export class Embedded {
  constructor(data, model, changed) {
    Object.assign(this, { data, model, changed });
    model.isLive = false;
    model.list = data.processes.map((process, i) => ({ key: String(i), process }));
  }

  start() {
    this.changed("list");
    this.choose(this.model.list[0]?.key);
  }

  choose(key) {
    const entry = this.model.list.find((one) => one.key === key) ?? this.model.list[0];
    this.model.key = entry?.key;
    this.model.process = entry?.process ?? null;
    if (entry) entry.process.timeline = pointsOf(entry.process.timeline);
    this.changed("process");
  }
}

/* Of one that was chosen before they are there. */
function pointsOf(timeline) {
  return timeline instanceof Points ? timeline : new Points(timeline);
}

/* Of a server, asked once a second while somebody looks. */
export class Server {
  constructor(model, changed, isSiteShown) {
    Object.assign(this, { model, changed, isSiteShown, isFrozen: false, rounds: 0, sitesAt: -Infinity });
    model.isLive = true;
    model.list = [];
    model.key = new URLSearchParams(location.search).get("pid");
  }

  start() {
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.soon();
    });
    this.soon();
  }

  choose(key) {
    this.model.key = key;
    this.model.process = null;
    history.replaceState(null, "", `?pid=${key}${location.hash}`); /* so that it is shown again after a reload */
    this.sitesAt = -Infinity;
    this.changed("process");
    this.soon();
  }

  freeze(isFrozen) {
    this.isFrozen = isFrozen;
    this.say(isFrozen ? "frozen" : "live");
    if (!isFrozen) this.soon();
  }

  /* A token that the server asks for. */
  introduce(token) {
    this.token = token;
    this.model.state = null; /* it may be a wrong one, too */
    this.soon();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.round(), 0);
  }

  /* One at a time: an answer that takes long puts off the next question. */
  async round() {
    if (this.isAsking || this.isFrozen || document.hidden) return;
    this.isAsking = true;
    try {
      if (this.rounds++ % LIST_EVERY === 0 || !this.model.key) await this.readList();
      if (this.model.key) await this.readProcess(this.model.key);
      this.say("live");
    } catch (error) {
      this.say(error.state ?? "lost");
    }
    this.isAsking = false;
    if (this.model.state !== "closed") this.timer = setTimeout(() => this.round(), SECOND);
  }

  say(state) {
    if (this.model.state === state) return;
    this.model.state = state;
    this.changed("state");
  }

  async ask(path) {
    const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
    const response = await fetch(`api/v1/${path}`, { headers, cache: "no-store" });
    if (response.ok) return response.json();
    throw Object.assign(new Error(path), {
      state: response.status === 401 ? "closed" : response.status === 404 ? "gone" : "lost",
    });
  }

  async readList() {
    const { processes } = await this.ask("processes");
    this.model.list = processes.map((process) => ({ key: String(process.pid), process }));
    this.changed("list");
    const isThere = this.model.process || this.model.list.some(({ key }) => key === this.model.key);
    if (!isThere && this.model.list.length > 0) this.choose(this.model.list[0].key);
  }

  async readProcess(key) {
    const before = this.model.process;
    const since = before?.timeline?.last;
    const [page, course] = await Promise.all([
      this.ask(`processes/${key}`),
      this.ask(`processes/${key}/timeline${since === undefined ? "" : `?since=${since}`}`),
    ]);
    const sites =
      this.isSiteShown() && this.rounds - this.sitesAt >= SITES_EVERY
        ? await this.ask(`processes/${key}/sites`)
        : null;
    if (this.model.key !== key) return; /* another was chosen in the meantime */
    this.model.process = { ...before, ...page.processes[0], ...joined(before, course.processes[0]) };
    if (!before) this.changed("process");
    this.changed("figures");
    this.changed("timeline");
    if (sites) this.takeSites(sites.processes[0]);
  }

  takeSites({ frames, sites, sampling }) {
    Object.assign(this.model.process, { frames, sites, sampling });
    this.sitesAt = this.rounds;
    this.changed("sites");
  }
}

/* Of the timeline and its events only what is new comes. */
function joined(before, { timeline, events }) {
  const points = before?.timeline ?? new Points();
  const lastEvent = before?.events?.at(-1)?.at_seconds ?? -Infinity;
  points.add(timeline, POINTS_MOST);
  return {
    timeline: points,
    events: [
      ...(before?.events ?? []),
      ...(events ?? []).filter((event) => event.at_seconds > lastEvent),
    ].slice(-POINTS_MOST),
  };
}
