/*
 * dom.js: elements. What stands in them is always text: names come from programs, and may be anything.
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function find(id) {
  return document.getElementById(id);
}

/* A row of buttons, of which one is chosen. `choices`: [value, words, title]. */
export function segmented(label, choices, chosen, onchoose) {
  const buttons = choices.map(([value, words, title]) =>
    make(
      "button",
      {
        type: "button",
        title,
        "aria-pressed": String(value === chosen),
        "data-value": value,
        onclick: () => choose(value),
      },
      words,
    ),
  );
  const group = make("div", { class: "segmented", role: "group", "aria-label": label }, ...buttons);
  function choose(value) {
    press(group, value);
    onchoose(value);
  }
  return group;
}

/* Shows one of them as the chosen one. */
export function press(group, value) {
  for (const button of group.children)
    button.setAttribute("aria-pressed", String(button.dataset.value === value));
}

/* A field to search by words or a regular expression, and where it says what was found. */
export function searching(id, words, foundId, onsearch) {
  const field = make("input", {
    id,
    type: "search",
    placeholder: `${words}, or /regex/`,
    "aria-label": words,
    spellcheck: "false",
    oninput: later(onsearch, 120),
  });
  return [field, make("output", { class: "found", id: foundId, for: id, "aria-live": "polite" })];
}

/* A list to choose from: [value, words]. */
export function selection(label, id, onchoose) {
  const select = make("select", { id, "aria-label": label, onchange: () => onchoose(select.value) });
  return select;
}

/* Fills it anew, where it has changed, and keeps what is chosen, if that is still there. */
export function fillSelection(select, options, chosen) {
  const words = JSON.stringify(options);
  if (select.dataset.filled !== words) {
    select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
    select.dataset.filled = words;
  }
  select.value = options.some(([value]) => value === chosen) ? chosen : (options[0]?.[0] ?? "");
  return select.value;
}

/* A bar of so much of the whole. */
export function bar(part, whole, kind = "") {
  const inner = make("span", { class: `bar-inner ${kind}` });
  inner.style.width = `${whole > 0 ? Math.min(100, (100 * part) / whole) : 0}%`;
  return make("span", { class: "bar", "aria-hidden": "true" }, inner);
}

const SVG = "http://www.w3.org/2000/svg";

/* A small line of what there was in the course of time. */
export function sparkline(values, colour, width = 96, height = 22) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "sparkline");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-hidden", "true");
  const most = Math.max(...values.map(([, value]) => value), 1);
  const first = values[0]?.[0] ?? 0,
    span = (values.at(-1)?.[0] ?? 1) - first || 1;
  const points = values.map(
    ([at, value]) =>
      `${(((at - first) / span) * width).toFixed(1)},${(height - 1 - (value / most) * (height - 3)).toFixed(1)}`,
  );
  if (points.length > 1) {
    const area = document.createElementNS(SVG, "path");
    area.setAttribute("class", "sparkline-area");
    area.setAttribute("d", `M0,${height} L${points.join(" L")} L${width},${height} Z`);
    const line = document.createElementNS(SVG, "polyline");
    line.setAttribute("points", points.join(" "));
    area.setAttribute("fill", colour);
    line.setAttribute("stroke", colour);
    svg.append(area, line);
  }
  return svg;
}

/* Calls `act` once things have been quiet for a moment. */
export function later(act, milliseconds) {
  let timer = 0;
  return (...words) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...words), milliseconds);
  };
}
