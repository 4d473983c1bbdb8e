// Figures as SVG, drawn from rows that the statistics of `offramp compare` made. Used by the page and by reports.

const NAMESPACE = "http://www.w3.org/2000/svg";
const ARROW = "\u2013";
const LINE = 12; // height of a line of text, in pixels

/** An SVG element with attributes and children; null and undefined attributes are left out. */
export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** Colour of an arm by its number; the page's style may lighten it in the dark. */
const armColour = (number) => `var(--arm${number % 7})`;

export const percent = (share, digits = 1) => (share == null ? ARROW : `${(100 * share).toFixed(digits)} %`);

/** A number in as many digits as a reader needs, with a true minus. */
export function number(value, digits = 3) {
  if (value == null) return ARROW;
  const short = Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(digits));
  return short.replace("-", "\u2212");
}

/** A number with its sign, and a true minus. */
export const signed = (value, digits = 1) => (value > 0 ? "+" : "") + value.toFixed(digits).replace("-", "\u2212");

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

/** An empty drawing of a width and height, with words for those who cannot see it. */
function canvas(width, height, words) {
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "drawn", role: "img", "aria-label": words });
}

export const text = (x, y, words, more = {}) => svg("text", { x, y, ...more }, words);
export const line = (x1, y1, x2, y2, more = {}) => svg("line", { x1, y1, x2, y2, ...more });

/** A key of names and colours, wrapped to a width; returns its height. */
function key(root, names, colours, width, top = 0) {
  let x = 0, y = top + LINE;
  names.forEach((name, at) => {
    const wide = 26 + 6.9 * name.length;
    if (x && x + wide > width) [x, y] = [0, y + 17];
    root.append(svg("rect", { x, y: y - 9, width: 11, height: 11, rx: 2, fill: colours[at], class: "edge" }), text(x + 16, y, name));
    x += wide;
  });
  return y - top + 8;
}

/** Make a part of a drawing a button, for the mouse and the keyboard alike. */
function clickable(node, words, act) {
  if (!act) return node;
  node.setAttribute("tabindex", 0);
  node.setAttribute("role", "button");
  node.setAttribute("aria-label", words);
  node.classList.add("pick");
  node.append(svg("title", {}, words));
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

function shares(rows, width, pick) {
  const names = Object.keys(rows.words), room = Math.min(150, width * 0.28), bar = 24, root = canvas(width, 1, wordsOf(rows));
  let y = key(root, Object.values(rows.words), Object.values(rows.colours), width) + 4;
  for (const arm of rows.arms) {
    root.append(text(0, y + 16, short(arm, room / 7)));
    let x = room;
    for (const name of names) {
      const row = rows.rows.find((own) => own.arm === arm && own.category === name);
      const wide = (row?.value ?? 0) * (width - room);
      if (wide <= 0) continue;
      const words = `${arm}, ${rows.words[name]}: ${ends(row)}`;
      const part = svg("g", { class: dimmed(rows, name) }, svg("rect",
        { x, y, width: wide, height: bar, fill: rows.colours[name], class: "edge" }));
      if (wide > 26) part.append(text(x + wide / 2, y + 16, (100 * row.value).toFixed(0),
        { class: `middle ${dark(rows.colours[name]) ? "light" : "black"}` }));
      if (!pick) part.append(svg("title", {}, words));
      root.append(clickable(part, `${words}; ${rows.act ?? "open the median crisis of these"}`,
        pick && (() => pick(arm, rows.column, name))));
      x += wide;
    }
    y += bar + 8;
  }
  return sized(root, width, y);
}

const dark = (hex) => [1, 3, 5].reduce((sum, at, k) => sum + [0.299, 0.587, 0.114][k] * parseInt(hex.slice(at, at + 2), 16), 0) < 132;
export const short = (name, letters) => (name.length > letters ? `${name.slice(0, Math.max(letters - 1, 1))}\u2026` : name);

function sized(root, width, height) {
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  root.setAttribute("height", height);
  return root;
}

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

function incidence(rows, width) {
  const events = Object.keys(rows.words).filter((event) => rows.curves.some((curve) => curve.event === event));
  const columns = width < 560 ? 1 : events.length, wide = width / columns, high = 190, root = canvas(width, 1, wordsOf(rows));
  const top = key(root, rows.arms, rows.arms.map((_, at) => armColour(at)), width) + 6;
  events.forEach((event, at) => {
    const left = (at % columns) * wide + 40, above = top + Math.floor(at / columns) * (high + 48) + 16;
    const own = rows.curves.filter((curve) => curve.event === event);
    const most = Math.min(1, Math.max(0.02, 1.08 * Math.max(...own.flatMap((curve) => curve.high.map((value) => value ?? 0)))));
    const last = Math.max(...own.map((curve) => curve.day.at(-1))), single = own.every((curve) => curve.day.length === 1);
    root.append(text(left, above - 6, rows.words[event], { class: "title" }));
    const days = single ? { low: -0.7, high: own.length - 0.3, ticks: [], form: String, label: `by day ${last}` }
      : { low: 0, high: Math.max(last, 1), form: String, label: "day" };
    const [across, up] = frame(root, [left, above, left + wide - 84, above + high - 40], days,
      { low: 0, high: most, form: (value) => percent(value, most > 0.05 ? 0 : 1) });
    own.forEach((curve) => {
      const arm = rows.arms.indexOf(curve.arm);
      if (single) interval(root, across(arm), up, { value: curve.value[0], low: curve.low[0], high: curve.high[0] }, arm);
      else banded(root, curve.day, curve, across, up, arm, true);
    });
    labels(root, own.map((curve) => [rows.arms.indexOf(curve.arm), up(curve.value.at(-1)), (100 * curve.value.at(-1)).toFixed(1)]),
      left + wide - 80);
  });
  return sized(root, width, top + Math.ceil(events.length / columns) * (high + 48) - 12);
}

/** Numbers at the ends of lines, moved apart. */
function labels(root, entries, x) {
  let before = -Infinity;
  for (const [arm, y, words] of entries.sort((one, other) => one[1] - other[1])) {
    before = Math.max(y, before + LINE);
    root.append(text(x, before + 4, words, { style: null, class: `fill${arm % 7}` }));
  }
}

/** A mark with a vertical interval. */
function interval(root, x, up, row, arm) {
  if (row.low != null) root.append(line(x, up(row.low), x, up(row.high), { stroke: armColour(arm), class: "whisker" }));
  root.append(mark(x, up(row.value), arm));
}

/** The mark of an arm: round, square, diamond. */
function mark(x, y, arm) {
  const fill = armColour(arm);
  if (arm % 3 === 0) return svg("circle", { cx: x, cy: y, r: 4, fill });
  return svg("rect", { x: x - 3.6, y: y - 3.6, width: 7.2, height: 7.2, fill, transform: arm % 3 === 2 ? `rotate(45 ${x} ${y})` : null });
}

function classes(rows, width, pick) {
  const root = canvas(width, 1, wordsOf(rows)), colour = colourOf(rows.arms);
  const top = key(root, rows.arms, rows.arms.map(colour), width) + 8, bottom = top + 150;
  const most = Math.max(0.02, ...rows.rows.map((row) => row.high ?? row.value ?? 0)) * 1.04, count = rows.words.length;
  const [across, up] = frame(root, [48, top, width - 6, bottom], { low: -0.5, high: count - 0.5, ticks: [], form: String },
    { low: 0, high: most, form: (value) => percent(value, 0) });
  const slot = (width - 54) / count, bar = Math.min(26, (slot - 6) / rows.arms.length);
  rows.words.forEach((words, at) => root.append(text(across(at), bottom + 14, words.replace(" or more", "+"),
    slot < 46 ? { class: "end", transform: `rotate(-40 ${across(at)} ${bottom + 14})` } : { class: "middle" })));
  for (const row of rows.rows) {
    const arm = rows.arms.indexOf(row.arm), x = across(row.class) + (arm - rows.arms.length / 2) * bar,
      words = `${row.arm}, ${rows.words[row.class]} ${rows.label}: ${ends(row)}`;
    const part = svg("g", { class: dimmed(rows, row.class) }, svg("rect",
      { x, y: up(row.value ?? 0), width: Math.max(bar - 1, 1), height: Math.max(bottom - up(row.value ?? 0), 0.5), fill: colour(row.arm),
      class: "bar" }));
    if (row.low != null) part.append(line(x + bar / 2, up(row.low), x + bar / 2, up(row.high), { class: "whisker ink" }));
    if (pick && row.value) clickable(part, `${words}; ${rows.act ?? "open the median crisis of these"}`,
      () => pick(row.arm, rows.column ?? rows.label, String(row.class)));
    else part.append(svg("title", {}, words));
    root.append(part);
  }
  root.append(text((40 + width) / 2, bottom + (slot < 46 ? 76 : 34), rows.label, { class: "middle quiet" }));
  return sized(root, width, bottom + (slot < 46 ? 84 : 42));
}

/** A contrast on the axis of its unit: points, days, or a ratio of deaths. */
function scaled(row) {
  if (row.unit === "deaths") return [row.ratio, row.ratio_low, row.ratio_high];
  const factor = row.unit === "probability" ? 100 : 1;
  return [row.difference, row.low, row.high].map((value) => (value == null ? null : factor * value));
}

function forest(rows, width) {
  const root = canvas(width, 1, wordsOf(rows)), arms = [...new Set(rows.rows.map((row) => row.arm))];
  const room = Math.min(230, width * 0.38), side = width < 480 ? 0 : 146, step = 20;
  let y = arms.length > 1 ? key(root, arms, arms.map(colourOf(rows.arms)), width) : 4;
  for (const unit of Object.keys(rows.scales)) {
    const own = rows.rows.filter((row) => row.unit === unit), ratio = unit === "deaths";
    if (!own.length) continue;
    const middle = ratio ? 1 : 0, known = own.flatMap(scaled).filter((value) => value != null && (!ratio || value > 0));
    const edge = Math.max(...own.map((row) => (row.smallest_effect == null ? 0 : ratio ? row.smallest_effect
      : row.smallest_effect * (unit === "probability" ? 100 : 1))));
    const far = ratio ? Math.max(1.25, edge * 1.1, ...known.map((value) => Math.max(value, 1 / value)))
      : Math.max(1e-9, edge * 1.3, ...known.map(Math.abs)) * 1.06;
    const places = [...new Set(own.map((row) => row.label))], high = places.length * (arms.length * step + 6);
    const marks = ratio ? [1, 2, 5, 10, 100, 1000].filter((value) => value <= far)
      .flatMap((value) => (value > 1 ? [1 / value, value] : [1])) : undefined;
    const bounds = ratio ? [1 / far, far] : [-far, far];
    const [across] = frame(root, [room, y, width - side - 8, y + high],
      { low: bounds[0], high: bounds[1], log: ratio, ticks: marks,
      form: (value) => (ratio ? number(value, 2) : signed(value, far < 5 ? 1 : 0)), label: rows.scales[unit] },
      { low: 0, high: 1, ticks: [], form: String });
    if (edge) root.append(svg("rect", { x: across(ratio ? 1 / edge : -edge), y, width: across(edge) - across(ratio ? 1 / edge : -edge),
      height: high, class: "smallest" }));
    root.append(line(across(middle), y, across(middle), y + high, { class: "axis" }));
    places.forEach((label, at) => {
      const above = y + at * (arms.length * step + 6) + 3;
      root.append(text(room - 8, above + (arms.length * step) / 2 + 4, short(label, room / 7.2), { class: "end" }));
      own.filter((row) => row.label === label).forEach((row) => {
        const [value, low, up] = scaled(row), place = above + arms.indexOf(row.arm) * step + step / 2,
          arm = Math.max(rows.arms.indexOf(row.arm), 0);
        if (value == null) { root.append(text(room + 4, place + 4, "not defined", { class: "quiet" })); return; }
        if (low != null) root.append(line(across(low), place, across(up), place, { stroke: armColour(arm), class: "whisker" }));
        root.append(mark(across(value), place, arm));
        const form = (x) => (ratio ? x.toFixed(2) : signed(x));
        if (side) root.append(text(width - side, place + 4, low == null ? form(value) : `${form(value)} [${form(low)}, ${form(up)}]`));
      });
    });
    y += high + 46;
  }
  return sized(root, width, y - 6);
}

function curves(rows, width) {
  const root = canvas(width, 1, wordsOf(rows)), probability = rows.unit === "probability";
  const top = (rows.arms.length > 1 ? key(root, rows.arms, rows.arms.map((_, at) => armColour(at)), width) : 0) + 10, bottom = top + 210;
  const at = rows.curves.flatMap((curve) => curve.at), all = rows.curves.flatMap((curve) => [...curve.low, ...curve.high, ...curve.value])
    .filter((value) => value != null);
  const low = probability || Math.min(...all) > 0 ? 0 : Math.min(...all), high = Math.max(...all, low + 1e-9) * 1.05;
  const form = probability ? (value) => percent(value, 0) : (value) => number(value);
  const [across, up] = frame(root, [52, top, width - 12, bottom],
    { low: Math.min(...at), high: Math.max(...at), form: number, label: rows.axis },
    { low, high: probability ? Math.min(high, 1) : high, form });
  rows.curves.forEach((curve, arm) => {
    banded(root, curve.at, curve, across, up, arm);
    curve.at.forEach((x, k) => { if (curve.value[k] != null) root.append(mark(across(x), up(curve.value[k]), arm)); });
  });
  return sized(root, width, bottom + 42);
}

/** A colour between those of a ramp, by a share from 0 to 1. */
function blend(ramp, part) {
  const at = Math.min(Math.floor(part * (ramp.length - 1)), ramp.length - 2), rest = part * (ramp.length - 1) - at;
  const [one, other] = [ramp[at], ramp[at + 1]].map((hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)));
  return `rgb(${one.map((value, k) => Math.round(value + rest * (other[k] - value))).join(" ")})`;
}

function map(rows, width) {
  const xs = [...new Set(rows.cells.map((cell) => cell.x))].sort((a, b) => a - b),
    ys = [...new Set(rows.cells.map((cell) => cell.y))].sort((a, b) => a - b);
  const root = canvas(width, 1, wordsOf(rows)), left = 60, cell = (width - left - 4) / xs.length,
    high = Math.min(46, Math.max(18, cell * 0.7));
  const known = rows.cells.map((own) => own.value).filter((value) => value != null), low = Math.min(...known),
    span = Math.max(...known) - low || 1;
  const form = rows.unit === "probability" ? (value) => (100 * value).toFixed(span < 0.2 ? 1 : 0) : (value) => number(value, 2);
  for (const own of rows.cells) {
    const x = left + xs.indexOf(own.x) * cell, y = (ys.length - 1 - ys.indexOf(own.y)) * high,
      part = own.value == null ? 0 : (own.value - low) / span;
    const fill = own.value == null ? "none" : blend(rows.ramp, part);
    root.append(svg("g", {}, svg("rect", { x, y, width: cell - 1, height: high - 1, fill }),
      svg("title", {}, `${rows.across} ${own.x}, ${rows.up} ${own.y}: ${ends(own, form)}`)));
    if (cell > 30 && own.value != null) root.append(text(x + cell / 2, y + high / 2 + 4, form(own.value),
      { class: `middle ${part < 0.55 ? "light" : "black"}` }));
  }
  ys.forEach((value, at) => root.append(text(left - 6, (ys.length - 1 - at) * high + high / 2 + 4, number(value), { class: "end" })));
  const bottom = ys.length * high;
  xs.forEach((value, at) => { if (cell > 30 || at % 2 === 0) root.append(text(left + (at + 0.5) * cell, bottom + 14, number(value),
    { class: "middle" })); });
  root.append(text(left + (width - left) / 2, bottom + 32, rows.across, { class: "middle quiet" }),
    text(0, bottom + 32, `\u2191 ${short(rows.up, 30)}`, { class: "quiet" }));
  return sized(root, width, bottom + 40);
}

const DRAWERS = { shares, incidence, classes, forest, curves, map };

/** A figure's rows drawn to a width; `pick(arm, column, part)` is called for a part that was chosen. */
export const draw = (rows, width, pick) => DRAWERS[rows.kind](rows, Math.max(width, 240), pick);

/** A figure's numbers in words, for those who cannot see it. */
export function wordsOf(rows) {
  const form = rows.unit === "probability" ? percent : number;
  const listed = (arm, tell) => `${arm}: ${rows.rows.filter((row) => row.arm === arm).map(tell).join(", ")}`;
  const contrasted = (row) => {
    const [value, low, high] = scaled(row);
    return `${row.label}, ${row.arm}: ${ends({ value, low, high }, number)}`;
  };
  const parts = {
    shares: () => rows.arms.map((arm) => listed(arm, (row) => `${rows.words[row.category]} ${ends(row)}`)),
    classes: () => rows.arms.map((arm) => listed(arm, (row) => `${rows.words[row.class]} ${percent(row.value)}`)),
    incidence: () => rows.curves.map(({ event, arm, day, value }) =>
      `${rows.words[event]}, ${arm}: ${percent(value.at(-1))} by day ${day.at(-1)}`),
    forest: () => rows.rows.map(contrasted),
    curves: () => rows.curves.map(({ arm, at, value }) => `${arm}: ${at.map((x, k) => `${number(x)} ${form(value[k])}`).join(", ")}`),
    map: () => rows.cells.map((cell) => `${number(cell.x)}, ${number(cell.y)}: ${form(cell.value)}`),
  };
  return `${rows.title}. ${parts[rows.kind]().join("; ")}.`;
}
