// Figures as SVG, drawn from rows that the statistics of `offramp compare` made. Used by the page and by reports.

const ARROW = "\u2013";
const ROUND = [0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 100, 1000]; // ratios that are marked on an axis
const LINE = 12; // height of a line of text, in pixels

/** An SVG element with attributes and children; null and undefined attributes are left out. */
export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** Colour of an arm by its number; the page's style may lighten it in the dark. */
const armColour = (number) => `var(--arm${number % 7})`;

const percent = (share, digits = 1) => (share == null ? ARROW : `${(100 * share).toFixed(digits)} %`);

/** A number in as many digits as a reader needs, with a true minus. */
export function number(value, digits = 3) {
  if (value == null || isNaN(value)) return value ?? ARROW;
  const short = Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(+Number(value).toPrecision(digits));
  return short.replace("-", "\u2212");
}

/** A number with its sign, and a true minus. */
const signed = (value, digits = 1) => (value > 0 ? "+" : "") + value.toFixed(digits).replace("-", "\u2212");

/** A linear or logarithmic scale from values to pixels. */
export function scale(low, high, from, to, log = false) {
  const f = log ? Math.log : (x) => x;
  const span = f(high) - f(low) || 1;
  return (value) => from + ((f(value) - f(low)) / span) * (to - from);
}

/** Round numbers between two ends, about as many as wanted. */
export function ticks(low, high, wanted = 5) {
  const rough = (high - low) / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((k) => k >= rough);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.max(Math.floor(high / step + 1e-9) - first + 1, 0) }, (_, k) => +((first + k) * step).toPrecision(12));
}

/** A drawing of a width, with words for those who cannot see it; `fill` puts its parts in and returns its height. */
export function drawing(width, words, fill) {
  const root = svg("svg", { width, class: "drawn", role: "img", "aria-label": words }), height = fill(root);
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  root.setAttribute("height", height);
  return root;
}

export const text = (x, y, words, more = {}) => svg("text", { x, y, ...more }, words);
export const line = (x1, y1, x2, y2, more = {}) => svg("line", { x1, y1, x2, y2, ...more });

/** A key of names and colours, wrapped to a width; returns its height. */
export function key(root, names, colours, width) {
  let x = 0, y = LINE;
  names.forEach((name, at) => {
    const wide = 26 + 6.9 * name.length;
    if (x && x + wide > width) [x, y] = [0, y + 17];
    root.append(svg("rect", { x, y: y - 9, width: 11, height: 11, rx: 2, fill: colours[at], class: "edge swatch" }), text(x + 16, y, name));
    x += wide;
  });
  return y + 8;
}

/** Give a part of a drawing its words and, where there is something to do, make it a button for mouse and keyboard. */
function clickable(node, words, rows, act) {
  const all = act ? `${words}; ${rows.act ?? "open the median crisis of these"}` : words;
  node.append(svg("title", {}, all));
  if (!act) return node;
  for (const [key, value] of Object.entries({ tabindex: 0, role: "button", "aria-label": all })) node.setAttribute(key, value);
  node.classList.add("pick");
  node.addEventListener("click", act);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); }
  });
  return node;
}

/** Whether a part fades because others of its figure were chosen. */
const dimmed = (rows, part) => (rows.chosen?.length && !rows.chosen.includes(String(part)) ? "dim" : "part");

const colourOf = (arms) => (arm) => armColour(Math.max(arms.indexOf(arm), 0));

/** A value with its interval. */
export const ends = (row, form = percent) => `${form(row.value)}${row.low == null ? "" : ` [${form(row.low)}, ${form(row.high)}]`}`;

function shares(root, rows, width, pick) {
  const room = Math.min(150, width * 0.36), bar = 24;
  let y = key(root, Object.values(rows.words), Object.values(rows.colours), width) + 4;
  for (const arm of rows.arms) {
    root.append(text(0, y + 16, short(arm, room / 7)));
    let x = room;
    for (const row of rows.rows.filter((own) => own.arm === arm && own.value > 0)) {
      const name = row.category, fill = rows.colours[name], wide = row.value * (width - room);
      const part = svg("g", { class: dimmed(rows, name) }, svg("rect", { x, y, width: wide, height: bar, fill, class: "edge" }));
      if (wide > 26) {
        const words = (100 * row.value).toFixed(0);
        part.append(text(x + wide / 2, y + 16, words, { class: `middle ${dark(fill) ? "light" : "black"}` }));
      }
      root.append(clickable(part, `${arm}, ${rows.words[name]}: ${ends(row)}`, rows, pick && (() => pick(arm, rows.column, name))));
      x += wide;
    }
    y += bar + 8;
  }
  return y;
}

const dark = (hex) => [1, 3, 5].reduce((sum, at, k) => sum + [0.299, 0.587, 0.114][k] * parseInt(hex.slice(at, at + 2), 16), 0) < 132;
export const short = (name, letters) => (name.length > letters ? `${name.slice(0, Math.max(letters - 1, 1))}\u2026` : name);

/** A frame with axes; returns its scales. `x` and `y` are {low, high, log, form, label, ticks}. */
function frame(root, box, x, y) {
  const [left, top, right, bottom] = box;
  const across = scale(x.low, x.high, left, right, x.log), up = scale(y.low, y.high, bottom, top, y.log);
  for (const value of y.ticks ?? ticks(y.low, y.high, 4)) {
    root.append(line(left, up(value), right, up(value), { class: "grid" }), text(left - 5, up(value) + 4, y.form(value), { class: "end" }));
  }
  for (const value of x.ticks ?? ticks(x.low, x.high, Math.max(3, Math.min(6, (right - left) / 60)))) {
    root.append(line(across(value), bottom, across(value), bottom + 4, { class: "axis" }),
      text(across(value), bottom + 17, x.form(value), { class: "middle" }));
  }
  root.append(line(left, bottom, right, bottom, { class: "axis" }));
  if (x.label) root.append(text((left + right) / 2, bottom + 33, short(x.label, (right - left) / 6.2), { class: "middle quiet" }));
  return [across, up];
}

/** A line with its band, dashed by the number of its arm so that colour is never the only cue. */
function banded(root, at, curve, across, up, arm, steps = false) {
  const known = at.map((_, k) => k).filter((k) => curve.value[k] != null);
  const path = (values, order) => order.map((k, place) => {
    const x = across(at[k]), y = up(values[k] ?? curve.value[k]);
    if (!place) return `M${x.toFixed(1)},${y.toFixed(1)}`;
    return steps ? `H${x.toFixed(1)}V${y.toFixed(1)}` : `L${x.toFixed(1)},${y.toFixed(1)}`;
  }).join("");
  const back = [...known].reverse().map((k) => `L${across(at[k]).toFixed(1)},${up(curve.low[k] ?? curve.value[k]).toFixed(1)}`).join("");
  root.append(svg("path", { d: `${path(curve.high, known)}${back}Z`, fill: armColour(arm), class: "band" }));
  root.append(svg("path", { d: path(curve.value, known), stroke: armColour(arm), class: "curve",
    "stroke-dasharray": [null, "7 3", "2 3", "8 3 2 3"][arm % 4] }));
}

function incidence(root, rows, width) {
  const events = Object.keys(rows.words).filter((event) => rows.curves.some((curve) => curve.event === event));
  const columns = width < 560 ? 1 : events.length, wide = width / columns, high = 190;
  const top = key(root, rows.arms, rows.arms.map((_, at) => armColour(at)), width) + 6;
  events.forEach((event, at) => {
    const left = (at % columns) * wide + 46, above = top + Math.floor(at / columns) * (high + 48) + 16;
    const own = rows.curves.filter((curve) => curve.event === event);
    const most = Math.min(1, Math.max(0.02, 1.08 * Math.max(...own.flatMap((curve) => curve.high.map((value) => value ?? 0)))));
    const last = Math.max(...own.map((curve) => curve.day.at(-1))), single = own.every((curve) => curve.day.length === 1);
    root.append(text(left, above - 6, rows.words[event], { class: "title" }));
    const days = single ? { low: -0.7, high: own.length - 0.3, ticks: [], form: String, label: `by day ${last}` }
      : { low: 0, high: Math.max(last, 1), form: String, label: "day" };
    const [across, up] = frame(root, [left, above, left + wide - 90, above + high - 40], days,
      { low: 0, high: most, form: (value) => percent(value, most > 0.05 ? 0 : 1) });
    let free = -Infinity; // numbers at the ends of lines are moved apart
    for (const curve of own.sort((one, other) => other.value.at(-1) - one.value.at(-1))) {
      const arm = rows.arms.indexOf(curve.arm), x = across(arm), value = curve.value.at(-1);
      const whisker = () => line(x, up(curve.low[0]), x, up(curve.high[0]), { stroke: armColour(arm), class: "whisker" });
      if (single) root.append(whisker(), mark(x, up(value), arm));
      else banded(root, curve.day, curve, across, up, arm, true);
      free = Math.max(up(value), free + LINE);
      root.append(text(left + wide - 86, free + 4, (100 * value).toFixed(1), { fill: armColour(arm) }));
    }
  });
  return top + Math.ceil(events.length / columns) * (high + 48) - 12;
}

/** The mark of an arm: round, square, diamond. */
function mark(x, y, arm) {
  const fill = armColour(arm);
  if (arm % 3 === 0) return svg("circle", { cx: x, cy: y, r: 4, fill });
  return svg("rect", { x: x - 3.6, y: y - 3.6, width: 7.2, height: 7.2, fill, transform: arm % 3 === 2 ? `rotate(45 ${x} ${y})` : null });
}

function classes(root, rows, width, pick) {
  const colour = colourOf(rows.arms), top = key(root, rows.arms, rows.arms.map(colour), width) + 8, bottom = top + 150;
  const most = Math.max(0.02, ...rows.rows.map((row) => row.high ?? row.value ?? 0)) * 1.04, count = rows.words.length;
  const [across, up] = frame(root, [48, top, width - 6, bottom], { low: -0.5, high: count - 0.5, ticks: [], form: String },
    { low: 0, high: most, form: (value) => percent(value, most < 0.05 ? 1 : 0) });
  const slot = (width - 54) / count, bar = Math.min(26, (slot - 6) / rows.arms.length);
  const words = rows.words.map((name) => name.replace(" or more", "+")), slanted = slot < 8 * Math.max(...words.map((name) => name.length));
  words.forEach((name, at) => root.append(text(across(at), bottom + 14, name,
    slanted ? { class: "end", transform: `rotate(-40 ${across(at)} ${bottom + 14})` } : { class: "middle" })));
  for (const row of rows.rows) {
    const arm = rows.arms.indexOf(row.arm), x = across(row.class) + (arm - rows.arms.length / 2) * bar, y = up(row.value ?? 0);
    const part = svg("g", { class: dimmed(rows, row.class) },
      svg("rect", { x, y, width: Math.max(bar - 1, 1), height: Math.max(bottom - y, 0.5), fill: colour(row.arm), class: "bar" }));
    if (row.low != null) part.append(line(x + bar / 2, up(row.low), x + bar / 2, up(row.high), { class: "whisker ink" }));
    root.append(clickable(part, `${row.arm}, ${rows.words[row.class]} ${rows.label}: ${ends(row)}`, rows,
      row.value && pick ? () => pick(row.arm, rows.label, String(row.class)) : null));
  }
  const below = bottom + (slanted ? 28 + 5 * Math.max(...words.map((name) => name.length)) : 34);
  root.append(text((40 + width) / 2, below, rows.label, { class: "middle quiet" }));
  return below + 8;
}

function forest(root, rows, width) {
  const arms = [...new Set(rows.panels.flatMap((panel) => panel.rows.map((row) => row.arm)))], several = arms.length > 1;
  const colour = colourOf(rows.arms), step = 20;
  const narrow = width < 480, head = narrow ? 14 : 0; // labels then stand above their rows
  const room = narrow ? 8 : Math.min(252, width * 0.46), side = narrow ? 0 : 146, right = width - side - 14;
  let y = several ? key(root, arms, arms.map(colour), width) : 4;
  for (const { label, log, axis: [low, middle, high], smallest, rows: own } of rows.panels) {
    const places = [...new Set(own.map((row) => row.label))], each = head + arms.length * step + 6, bottom = y + places.length * each;
    const marks = log ? ROUND.filter((value) => value >= low && value <= high) : ticks(low, high, 5);
    const form = (value) => (log ? number(value, 2) : signed(value, high < 5 ? 1 : 0));
    const nothing = { low: 0, high: 1, ticks: [], form: String };
    const [across] = frame(root, [room, y, right, bottom], { low, high, log, ticks: marks, form }, nothing);
    if (smallest) {
      const [from, to] = smallest.map(across);
      root.append(svg("rect", { x: from, y, width: to - from, height: bottom - y, class: "smallest" }));
    }
    root.append(line(across(middle), y, across(middle), bottom, { class: "axis" }));
    places.forEach((name, at) => root.append(narrow ? text(0, y + at * each + 13, name, { class: "small" })
      : text(room - 8, y + (at + 0.5) * each + 4, short(name, (room - 8) / 6.8), { class: "end" })));
    for (const row of own) {
      const arm = Math.max(rows.arms.indexOf(row.arm), 0);
      const place = y + places.indexOf(row.label) * each + head + arms.indexOf(row.arm) * step + 13;
      if (row.low != null) root.append(line(across(row.low), place, across(row.high), place, { stroke: armColour(arm), class: "whisker" }));
      if (row.value != null) root.append(mark(across(row.value), place, arm));
      if (side || row.value == null) root.append(text(side ? right + 8 : room + 4, place + 4, row.words));
      else if (!several && width > 370) root.append(text(width, place - 14, row.words, { class: "small end" }));
    }
    const end = Math.min((room + right) / 2 + 3.3 * label.length, width);
    root.append(text(end, bottom + 33, short(label, width / 6.8), { class: "end quiet" }));
    y = bottom + 46;
  }
  return y - 6;
}

function curves(root, rows, width) {
  const probability = rows.unit === "probability", form = probability ? (value) => percent(value, 0) : (value) => number(value);
  const top = (rows.arms.length > 1 ? key(root, rows.arms, rows.arms.map((_, arm) => armColour(arm)), width) : 0) + 10;
  const xs = rows.curves.flatMap((curve) => curve.at), bottom = top + 210;
  const ys = rows.curves.flatMap(({ low, high, value }) => [low, high, value]).flat().filter((value) => value != null);
  const low = probability ? 0 : Math.min(0, ...ys), high = Math.max(...ys, low + 1e-9) * 1.05;
  const [across, up] = frame(root, [52, top, width - 12, bottom],
    { low: Math.min(...xs), high: Math.max(...xs), form: number, label: rows.axis },
    { low, high: probability ? Math.min(high, 1) : high, form });
  rows.curves.forEach((curve, arm) => {
    banded(root, curve.at, curve, across, up, arm);
    curve.at.forEach((x, k) => { if (curve.value[k] != null) root.append(mark(across(x), up(curve.value[k]), arm)); });
  });
  return bottom + 42;
}

function map(root, rows, width) {
  const [xs, ys] = ["x", "y"].map((name) => [...new Set(rows.cells.map((cell) => cell[name]))].sort((one, other) => one - other));
  const left = 60, wide = (width - left - 4) / xs.length;
  const high = Math.min(46, Math.max(18, wide * 0.7)), bottom = ys.length * high;
  const form = rows.unit === "probability" ? (value) => (100 * value).toFixed(1) : (value) => number(value, 2);
  for (const own of rows.cells) {
    const x = left + xs.indexOf(own.x) * wide, y = bottom - (ys.indexOf(own.y) + 1) * high;
    root.append(svg("g", {}, svg("rect", { x, y, width: wide - 1, height: high - 1, fill: own.colour ?? "none" }),
      svg("title", {}, `${rows.across} ${own.x}, ${rows.up} ${own.y}: ${ends(own, form)}`)));
    if (wide > 34 && own.colour) {
      root.append(text(x + wide / 2, y + high / 2 + 4, form(own.value), { class: `middle ${dark(own.colour) ? "light" : "black"}` }));
    }
  }
  ys.forEach((value, at) => root.append(text(left - 6, bottom - (at + 0.5) * high + 4, number(value), { class: "end" })));
  xs.forEach((value, at) => {
    if (wide > 34 || at % 2 === 0) root.append(text(left + (at + 0.5) * wide, bottom + 14, number(value), { class: "middle" }));
  });
  root.append(text(left + (width - left) / 2, bottom + 32, rows.across, { class: "middle quiet" }),
    text(0, bottom + 50, `\u2191 ${short(rows.up, width / 7)}`, { class: "quiet" }));
  return bottom + 58;
}

const DRAWERS = { shares, incidence, classes, forest, curves, map };

/** A figure's rows drawn to a width; `pick(arm, column, part)` is called for a part that was chosen. */
export const draw = (rows, least, pick) => {
  const width = Math.max(least, 240);
  const root = drawing(width, wordsOf(rows), (inside) => DRAWERS[rows.kind](inside, rows, width, pick));
  if (pick && rows.rows) root.setAttribute("role", "group"); // an image has no buttons inside
  return root;
};

/** A figure's numbers in words, for those who cannot see it. */
export const wordsOf = (rows) => `${rows.title}. ${rows.said.join("; ")}.`;
