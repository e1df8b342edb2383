/*
 * points.js: a timeline in columns: of each point its time, and what each category had then.
 */
export class Points {
  constructor({ seconds = [], categories = {} } = {}) {
    this.seconds = seconds;
    this.categories = new Map(Object.entries(categories)); /* name: bytes at each point */
  }

  get length() {
    return this.seconds.length;
  }

  /* When the last one was; undefined: there is none. */
  get last() {
    return this.seconds.at(-1);
  }

  /* Those of the server's that are later, each with its time and the categories that had something. Of all the last `most` stay. */
  add(points, most) {
    const last = this.last ?? -Infinity;
    for (const { seconds, categories } of points) {
      if (seconds <= last) continue;
      for (const [name, live] of Object.entries(categories)) this.column(name).push(live);
      this.seconds.push(seconds);
      for (const column of this.categories.values()) if (column.length < this.length) column.push(0);
    }
    const over = this.length - most;
    if (over > 0) for (const column of [this.seconds, ...this.categories.values()]) column.splice(0, over);
  }

  column(name) {
    if (!this.categories.has(name)) this.categories.set(name, new Array(this.length).fill(0));
    return this.categories.get(name);
  }

  /* What those that are wanted had together, at each point. */
  sum(isWanted) {
    const sums = new Array(this.length).fill(0);
    for (const [name, column] of this.categories) {
      if (isWanted(name)) for (let i = 0; i < sums.length; i++) sums[i] += column[i];
    }
    return sums;
  }
}
