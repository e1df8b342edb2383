/*
 * calls.js: the sites of a process as a tree of calls, of which only as much is made as is looked at.
 *
 * The sites are sorted by their stacks, as words are: whatever begins with the same frames stands side by side. A node is then a
 * stretch of them, `from` to `to`, at a depth, and what it weighs the difference of two sums. So tens of thousands of sites
 * with long stacks take as many numbers as they have frames.
 */
const WEIGHTS = { live: "live_bytes", total: "total_bytes", peak: "at_process_peak_bytes" };

export function frameName(frame) {
  if (frame.function) return frame.function;
  const offset = `0x${frame.offset.toString(16)}`;
  return frame.module ? `${frame.module}+${offset}` : offset;
}

/* What lies in brackets folded, the innermost too: long names are those of templates. */
export function shortName(name) {
  if (name.length <= 60) return name;
  let depth = 0,
    short = "";
  for (const letter of name) {
    if (letter === "<" || letter === "(") {
      if (depth++ === 0) short += letter + "…";
    } else if ((letter === ">" || letter === ")") && depth > 0) {
      if (--depth === 0) short += letter;
    } else if (depth === 0) short += letter;
  }
  return depth === 0 && short.length > 3 ? short : name;
}

/* Functions by name: of frames in the same one lines do not matter. */
class Names {
  constructor(frames) {
    const numbers = new Map();
    this.list = [];
    this.frames = []; /* one of each name */
    this.ofFrame = frames.map((frame) => {
      const name = frameName(frame);
      if (!numbers.has(name)) {
        numbers.set(name, this.list.length);
        this.list.push(name);
        this.frames.push(frame);
      }
      return numbers.get(name);
    });
  }
}

export class Calls {
  /* `by`: live, total or peak; `isInverted`: from who allocates outward; `category`: those of it and below it; null: all. */
  constructor(process, { by, isInverted, category }) {
    this.names = new Names(process.frames);
    const weight = WEIGHTS[by];
    const kept = process.sites.filter((site) => site[weight] > 0 && isBelow(site.category, category));
    const stacks = kept.map((site) => {
      const numbers = site.frames.map((frame) => this.names.ofFrame[frame]);
      return isInverted ? numbers : numbers.reverse();
    });
    const order = kept.map((_, index) => index).sort((a, b) => compareStacks(stacks[a], stacks[b]));
    this.stacks = order.map((index) => stacks[index]);
    this.sites = order.map((index) => kept[index]);
    this.sums = new Float64Array(order.length + 1);
    order.forEach((index, at) => {
      this.sums[at + 1] = this.sums[at] + kept[index][weight];
    });
    this.root = { from: 0, to: order.length, depth: 0, name: -1, parent: null };
  }

  value(node) {
    return this.sums[node.to] - this.sums[node.from];
  }

  nameOf(node) {
    return node.name < 0 ? "all" : this.names.list[node.name];
  }

  frameOf(node) {
    return node.name < 0 ? null : this.names.frames[node.name];
  }

  /* The heaviest first. */
  children(node) {
    const children = [];
    let at = node.from;
    while (at < node.to && this.stacks[at].length <= node.depth) at++; /* they end here */
    while (at < node.to) {
      const name = this.stacks[at][node.depth],
        from = at;
      while (at < node.to && this.stacks[at][node.depth] === name) at++;
      children.push({ from, to: at, depth: node.depth + 1, name, parent: node });
    }
    return children.sort((a, b) => this.value(b) - this.value(a));
  }

  /* What of it stays in the function itself. */
  own(node) {
    let at = node.from;
    while (at < node.to && this.stacks[at].length <= node.depth) at++;
    return this.sums[at] - this.sums[node.from];
  }

  /* The category that most of it is of, and what share of it that is. */
  categoryOf(node) {
    const sums = new Map();
    for (let at = node.from; at < node.to; at++) {
      const { category } = this.sites[at];
      sums.set(category, (sums.get(category) ?? 0) + this.sums[at + 1] - this.sums[at]);
    }
    let most = null,
      mostBytes = 0;
    for (const [category, bytes] of sums) {
      if (bytes > mostBytes) [most, mostBytes] = [category, bytes];
    }
    return { category: most, share: this.value(node) > 0 ? mostBytes / this.value(node) : 0 };
  }

  /* The node with these names from the root inward, or the innermost of them that there is. */
  follow(path) {
    let node = this.root;
    for (const name of path) {
      const next = this.children(node).find((child) => this.nameOf(child) === name);
      if (!next) break;
      node = next;
    }
    return node;
  }

  path(node) {
    const path = [];
    for (let at = node; at.parent; at = at.parent) path.unshift(this.nameOf(at));
    return path;
  }

  /* What share of all bytes has a function that `matches` in its stack, and how many functions do. */
  search(matches) {
    const found = this.names.list.map(matches);
    let bytes = 0;
    this.stacks.forEach((stack, at) => {
      if (stack.some((name) => found[name])) bytes += this.sums[at + 1] - this.sums[at];
    });
    return { functions: found.filter(Boolean).length, bytes };
  }
}

function compareStacks(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}

export function isBelow(category, wanted) {
  return !wanted || wanted === "total" || category === wanted || category.startsWith(`${wanted}/`);
}

/* Words, or a regular expression between slashes, as a question to a text; null: nothing is asked, or it is none. */
export function matcher(words) {
  const expression = /^\/(.+)\/(i?)$/.exec(words);
  if (!words) return null;
  if (expression) {
    try {
      const regular = new RegExp(expression[1], expression[2]);
      return (text) => regular.test(text);
    } catch {
      return null;
    }
  }
  const small = words.toLowerCase();
  return (text) => text.toLowerCase().includes(small);
}
