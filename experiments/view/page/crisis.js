// One crisis day by day, its twin without a mediator beside it, and why nobody stepped down.

import { line, number, percent, scale, short, signed, svg, text, ticks } from "./draw.js";
import { app, button, make, quiet, remember, say, sized, table, tell } from "./page.js";
import { ARMS, asked } from "./state.js";

const SIDES = ["a", "b"];
const SEGMENTS = { capital: "6 2", border: "2 2", displaced: "8 2 2 2", exposed: "1 3", rest: null };
const TICK = 150; // milliseconds a day takes when a crisis is played
const DEPLOYED = 3; // the rung from which a step down is one
let place, shown = null, playing = 0, slider, cursors = [];

/** Build the page's part. */
export function crisis(section) {
  place = make("div", { class: "crisis" }, quiet("Choose a crisis in Explore or in a study, or name one."));
  section.append(make("form", { class: "buttons", "aria-label": "Which crisis",
    onsubmit: (event) => { event.preventDefault(); showCrisis(); } },
    make("label", {}, "arm ", make("select", { id: "which-arm", onchange: (event) =>
      { Object.assign(app.state, { arm: event.target.value, study: null, day: null }); showCrisis(); } },
      ARMS.map((arm) => make("option", { value: arm }, arm)))),
    make("label", {}, " replicate ", make("input", { id: "which", type: "number", min: 0, max: 2 ** 32 - 1, value: 0,
      onchange: (event) => { Object.assign(app.state, { replicate: Math.max(0, Math.round(event.target.valueAsNumber || 0)), day: null });
      showCrisis(); } })),
    make("span", { id: "of", class: "quiet" })), place);
  app.heard.crisis = show;
}

/** Ask for the crisis of the state. */
export function showCrisis() {
  const { state } = app;
  state.replicate ??= 0;
  if (!state.study) state.arm = ARMS.includes(state.arm) ? state.arm : "moved";
  document.querySelector("#which").value = state.replicate;
  document.querySelector("#which-arm").value = state.arm ?? "moved";
  document.querySelector("#of").textContent = state.study ? `of point ${state.point ?? 0} of ${state.study}` : "";
  remember();
  const source = state.study ? { study: state.study, point: state.point ?? 0 } : { asked: asked(state), arm: state.arm };
  tell({ do: "crisis", serial: ++app.serial.crisis, replicate: state.replicate, ...source });
  place.classList.add("stale");
}

function show(message) {
  pause();
  shown = message;
  const { crisis, twin, parting } = message, last = crisis.days.length - 1;
  const day = Math.min(app.state.day ?? crisis.day[0], last);
  slider = make("input", { type: "range", min: 0, max: last, value: day, "aria-label": "Day of the crisis", class: "days",
    oninput: () => turnTo(slider.valueAsNumber) });
  const step = (words, symbol, to) => button(symbol, () => turnTo(to()), words);
  const next = (happened) => crisis.days.find((own) => own.day > slider.valueAsNumber && happened(own))?.day ?? last;
  cursors = [];
  place.replaceChildren(
    make("p", {}, make("b", {}, `${message.which[0].toUpperCase()}${message.which.slice(1)}: `),
      `${crisis.sides.a} and ${crisis.sides.b}. ${crisis.ending}. `,
      make("span", { class: "quiet" }, `Without a mediator: ${twin.ending}.`)),
    make("p", { id: "parting" },
      parting == null ? "With and without a mediator the two go the same way to the end: no mediator changed what was done."
      : `The twins part on day ${parting}: until then both did and suffered the same.`),
    make("div", { class: "player", role: "group", "aria-label": "Player" },
      step("Rewind", "\u25c2\u25c2", () => 0), step("A day back", "\u25c2", () => slider.valueAsNumber - 1),
      Object.assign(button("\u25b6", () => (playing ? pause() : play()), "Play"), { id: "play" }),
      step("A day on", "\u25b8", () => slider.valueAsNumber + 1),
      step("Next decision under arms", "decision", () => next((own) =>
        SIDES.some((side) => (own[side].reconsidered || own[side].lapsed) && own[side].rung_before >= DEPLOYED))),
      step("Next event", "event", () => next((own) => crisis.events.some((event) => event.day === own.day && event.kind !== "attempt"))),
      parting == null ? null : step("Where the twins part", "parting", () => parting),
      slider, make("output", { id: "day" })),
    make("div", { class: "twins" }, story("as it went", crisis, parting), story("the same luck, no mediator", twin, parting)),
    make("div", { class: "reasons", "aria-live": "polite" }));
  place.classList.remove("stale");
  say(crisis.day[1] ? `Day ${crisis.day[0]} tells most: ${crisis.day[1]}.` : "");
  turnTo(day);
}

function label(symbol, words) {
  const node = document.querySelector("#play");
  if (node) Object.assign(node, { textContent: symbol, title: words, ariaLabel: words });
}

function play() {
  label("\u2016", "Pause");
  if (slider.valueAsNumber >= Number(slider.max)) turnTo(0);
  playing = setInterval(() => (slider.valueAsNumber < Number(slider.max) ? turnTo(slider.valueAsNumber + 1) : pause()), TICK);
}

function pause() {
  clearInterval(playing);
  playing = 0;
  label("\u25b6", "Play");
}

/** Show a day: nothing is drawn anew but what stands in words. */
function turnTo(wanted) {
  const day = Math.max(0, Math.min(Number(slider.max), wanted));
  slider.value = day;
  slider.setAttribute("aria-valuetext", `day ${day}`);
  document.querySelector("#day").textContent = `day ${day}`;
  app.state.day = day;
  remember();
  for (const cursor of cursors) cursor(day);
  place.querySelector(".reasons").replaceChildren(...reasons(day));
}

/** A crisis as a figure: events, ladders, deaths, claims, approval, protest. */
function story(title, own, parting) {
  const drawing = make("div", { class: "drawing" });
  const move = [];
  cursors.push((day) => move.forEach((act) => act(day)));
  sized(drawing, (width) => { move.length = 0; const made = days(own, width, parting, move);
    move.forEach((act) => act(slider.valueAsNumber)); return made; });
  return make("figure", {}, make("h3", {}, title), drawing);
}

const colour = (side) => `var(--arm${SIDES.indexOf(side)})`;
const PANELS = [
  { label: "rung", high: 120, ladders: true },
  { label: "soldiers dead a day", high: 70, bars: true },
  { label: "own dead so far: told at home, dotted; claimed by the enemy, thin", high: 70,
    values: (day, side) => [day[side].total_deaths, day[side].told_deaths, day[side === "a" ? "b" : "a"].claimed_enemy_deaths] },
  { label: "approval", high: 60, share: true, values: (day, side) => [day[side].approval] },
  { label: "in protest, by segment", high: 80, share: true, segments: true },
  { label: "support by allies (0 none to 3 entry)", high: 44, allies: true },
];

function days(own, width, parting, move) {
  const wide = width > 420, left = wide ? 132 : 44;
  const last = own.days.length - 1, right = width - 8, across = scale(-0.5, last + 0.5, left, right);
  const root = svg("svg", { class: "drawn", role: "img", width, "aria-label": `${own.ending}. ${own.words}` });
  const rows = [...new Set([shown.crisis, shown.twin].flatMap((one) => one.events.map((event) => event.row)))];
  let y = 20;
  SIDES.forEach((side, at) => root.append(svg("rect", { x: at * (width / 2), y: 4, width: 11, height: 11, rx: 2, fill: colour(side) }),
    svg("text", { x: at * (width / 2) + 16, y: 14 }, short(own.sides[side], width / 14))));
  const first = y + 4;
  const backdrop = svg("g");
  root.append(backdrop);
  for (const row of rows) {
    y += wide ? 13 : 25;
    const label = wide ? { x: left - 8, y: y - 1, class: "end quiet small" } : { x: left, y: y - 12, class: "quiet small" };
    root.append(svg("text", label, short(row, wide ? 22 : width / 7)));
    for (const event of own.events.filter((event) => event.row === row)) {
      const agreed = event.kind !== "attempt" || event.words.endsWith("agreed");
      root.append(svg("rect", { x: across(event.day) - 1.5, y: y - 10, width: 3, height: 10, class: agreed ? "event" : "event faint" },
        svg("title", {}, `day ${event.day}: ${event.words}`)));
    }
  }
  for (const panel of PANELS) {
    y += 22;
    root.append(text(left, y - 4, short(panel.label, width / 6.5), { class: "quiet small" }));
    drawPanel(root, panel, own, across, [left, y, right, y + panel.high]);
    y += panel.high;
  }
  for (const value of ticks(0, last, Math.max(3, width / 90))) root.append(text(across(value), y + 15, String(value), { class: "middle" }));
  root.append(text((left + right) / 2, y + 30, "day", { class: "middle quiet" }));
  for (const [from, to, kind] of own.spells) backdrop.append(svg("rect",
    { x: across(from - 0.5), y: first, width: across(to + 0.5) - across(from - 0.5), height: y - first, class: "truce" },
    svg("title", {}, `${kind} agreement in force, days ${from} to ${to}`)));
  if (parting != null) root.append(line(across(parting), first, across(parting), y, { class: "parting" }),
    text(across(parting) + 4, first + rows.length * (wide ? 13 : 25) + 28, "they part", { class: "small" }));
  const cursor = svg("line", { y1: first, y2: y, class: "cursor" });
  root.append(cursor);
  root.addEventListener("click", (event) => {
    const at = (event.clientX - root.getBoundingClientRect().left) * (width / root.getBoundingClientRect().width);
    turnTo(Math.round(((at - left) / (right - left)) * (last + 1) - 0.5));
  });
  move.push((day) => { cursor.setAttribute("x1", across(day)); cursor.setAttribute("x2", across(day)); });
  root.setAttribute("viewBox", `0 0 ${width} ${y + 36}`);
  root.setAttribute("height", y + 36);
  return root;
}

function drawPanel(root, panel, own, across, [left, top, right, bottom]) {
  const list = own.days, both = [...shown.crisis.days, ...shown.twin.days]; // twins are drawn to one scale
  const grid = (up, values, form) => values.forEach((value) => root.append(line(left, up(value), right, up(value), { class: "grid" }),
    text(left - 5, up(value) + 4, form(value), { class: "end" })));
  const curve = (values, up, more, steps) => root.append(svg("path",
    { class: "curve",
    d: values.map((value,
    day) => (steps ? `${day ? "L" : "M"}${across(day - 0.5).toFixed(1)},${up(value).toFixed(1)}H${across(day + 0.5).toFixed(1)}`
    : `${day ? "L" : "M"}${across(day).toFixed(1)},${up(value).toFixed(1)}`)).join(""), ...more }));
  if (panel.ladders) {
    const up = scale(0, 9, bottom - 4, top + 4);
    grid(up, [0, 3, 6, 9], String);
    root.append(line(left, up(3.5), right, up(3.5), { class: "hot" }));
    for (const side of SIDES) {
      const nudge = side === "a" ? -1.2 : 1.2, shifted = (value) => up(value) + nudge;
      curve(list.map((day) => day[side].rung), shifted, { stroke: colour(side), "stroke-dasharray": side === "b" ? "6 2" : null }, true);
      list.filter((day) => day[side].fought > day[side].rung).forEach((day) =>
        root.append(svg("circle", { cx: across(day.day), cy: shifted(day[side].fought), r: 2.2, fill: colour(side) })));
    }
  } else if (panel.bars) {
    const most = Math.max(1, ...both.flatMap((day) => SIDES.map((side) => day[side].deaths))), middle = (top + bottom) / 2;
    const f = (value) => (most > 60 ? Math.log1p(value) / Math.log1p(most) : value / most) * (bottom - top) * 0.47;
    root.append(line(left, middle, right, middle, { class: "axis" }));
    for (const value of [most > 60 ? 10 ** Math.floor(Math.log10(most)) : most]) for (const sign of [-1, 1]) root.append(text(left - 5,
      middle + sign * f(value) + 4, String(value), { class: "end" }));
    list.forEach((day) => SIDES.forEach((side, at) => { if (day[side].deaths) root.append(svg("rect",
      { x: across(day.day - 0.4), width: Math.max(across(0.8) - across(0), 1), y: at ? middle : middle - f(day[side].deaths),
      height: f(day[side].deaths), fill: colour(side) })); }));
  } else if (panel.allies) {
    const up = scale(0, 3, bottom - 2, top + 2), dashes = [null, "6 2", "2 2"];
    grid(up, [0, 3], String);
    Object.keys(own.allies).forEach((ally, at) => curve(list.map((day) => day.support[ally]), up,
      { stroke: own.allies[ally].endsWith("a)") ? colour("a") : colour("b"), "stroke-dasharray": dashes[at] }, true));
  } else if (panel.segments) {
    const all = both.flatMap((day) => SIDES.flatMap((side) => Object.values(day[side].segments))), most = Math.max(0.005, ...all),
      up = scale(0, most, bottom - 2, top + 4);
    grid(up, [0, most], (value) => percent(value, most > 0.04 ? 0 : 1));
    for (const side of SIDES) for (const segment of Object.keys(list[0][side].segments)) curve(list.map((day) => day[side]
      .segments[segment]), up, { stroke: colour(side), "stroke-dasharray": SEGMENTS[segment],
      class: segment === "rest" ? "curve" : "curve thin" });
  } else {
    const all = both.flatMap((day) => SIDES.flatMap((side) => panel.values(day, side))), most = panel.share ? 1 : Math.max(1, ...all),
      up = scale(0, most, bottom - 2, top + 4);
    grid(up, panel.share ? [0, 0.5, 1] : [0, most], panel.share ? (value) => percent(value, 0) : (value) => number(value));
    for (const side of SIDES) panel.values(list[0], side).forEach((_, at) => curve(list.map((day) => panel.values(day, side)[at]), up,
      { stroke: colour(side), class: at === 2 ? "curve thin" : "curve", "stroke-dasharray": at === 1 ? "2 3" : null }));
  }
}

/** What each government weighed on a day, what was offered, and what happened, in words. */
function reasons(number_) {
  const day = shown.crisis.days[number_], happened = shown.crisis.events.filter((event) => event.day === number_)
    .map((event) => event.words);
  const other = shown.twin.days[number_];
  return [
    make("p", {}, make("b", {}, `Day ${number_}. `), happened.length ? `${happened.join("; ")}.` : "Nothing new.",
      ` Agreement: ${day.agreement}; without a mediator: ${other.agreement}.`),
    ...day.offers.map((words) => quiet(words)),
    make("div", { class: "twins" }, SIDES.map((side) => weighing(side, day[side], other[side]))),
  ];
}

const plain = (value) => value.toFixed(2).replace("-", "\u2212");

function weighing(side, own, other) {
  const options = own.options, terms = Object.keys(app.about.terms)
    .filter((term) => options.some((option) => Math.abs(option.terms[term] ?? 0) > 0.005));
  const marks = (rung) => [["held", own.rung_before], ["chosen", own.chosen], ["best lower", own.step_down]].filter(([, at]) => at === rung)
    .map(([words]) => words).join(", ");
  const against = own.step_down == null ? null : own.against_stepping_down,
    most = Math.max(0.01, ...Object.values(against ?? {}).map(Math.abs));
  const bar = (value) => make("span", { class: "push" }, svg("svg",
    { viewBox: "-50 0 100 12", width: 100, height: 12, "aria-hidden": "true" },
    svg("rect", { x: Math.min(0, (46 * value) / most), y: 1, width: Math.abs((46 * value) / most), height: 10,
    fill: value > 0 ? "var(--arm1)" : "var(--arm0)" }), line(0, 0, 0, 12, { class: "axis" })), ` ${signed(value, 2)}`);
  const heads = ["term of utility", ...options.map((option) => `${option.rung} ${marks(option.rung)}`.trim()),
    ...(against ? ["for holding"] : [])];
  const rows = terms.map((term) => [app.about.terms[term], ...options.map((option) => plain(option.terms[term] ?? 0)),
    ...(against ? [bar(against[term] ?? 0)] : [])]);
  rows.push(["all together", ...options.map((option) => plain(option.utility)), ...(against ? [bar(own.margin)] : [])]);
  rows.push(["chance, if decided", ...options.map((option) => percent(option.chance, 0)), ...(against ? [""] : [])]);
  return make("section", { class: "side", "aria-label": `Side ${side} on this day` },
    make("h3", {}, make("span", { class: `arm${SIDES.indexOf(side)}` }, shown.crisis.sides[side]),
      `, rung ${own.rung_before} (${app.about.ladder[own.rung_before]})`),
    make("p", {},
      `Why no step down today: ${own.why_no_step_down}. Without a mediator: rung ${other.rung_before}, ${other.why_no_step_down}.`),
    quiet(`Approval ${percent(own.approval)}, protest ${percent(own.protest)}, trust ${percent(own.trust, 0)}, `,
      `committed to rung ${number(own.commitment, 2)}, hope ${percent(own.hope, 0)}, dead so far ${number(own.total_deaths, 6)}.`),
    table("What its government weighed, by rung (utility)", heads, rows));
}
