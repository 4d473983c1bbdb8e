// One crisis day by day, its twin without a mediator beside it, and why nobody stepped down.

import { drawing, key, line, scale, short, svg, text, ticks } from "./draw.js";
import { app, button, fill, make, menu, quiet, remember, say, sized, table, tell } from "./page.js";
import { ARMS, asked } from "./state.js";

const SIDES = ["a", "b"], colour = (side) => `var(--arm${SIDES.indexOf(side)})`;
const TICK = 150; // milliseconds a day takes when a crisis is played
let place, form, shown = null, playing = 0, slider, cursors = [];

/** Build the page's part. */
export function crisis(section) {
  form = make("form", { class: "buttons", "aria-label": "Which crisis", onsubmit: (event) => event.preventDefault() });
  place = make("div", { class: "crisis" });
  section.append(form, place);
  app.heard.crisis = show;
}

/** Ask for the crisis of the state. */
export function showCrisis() {
  const { state } = app, change = (more) => { Object.assign(state, { day: null }, more); showCrisis(); };
  state.replicate ??= 0;
  if (state.study) state.point ??= 0;
  else state.arm = ARMS.includes(state.arm) ? state.arm : "moved";
  const number = make("input", { type: "number", min: 0, max: 2 ** 32 - 1, value: state.replicate,
    onchange: () => change({ replicate: Math.max(0, Math.round(number.valueAsNumber || 0)) }) });
  fill(form,
    state.study ? quiet(`Point ${state.point} of ${state.study}`)
      : make("label", {}, "arm ", menu("Arm", ARMS, state.arm, (arm) => change({ arm }))),
    make("label", {}, "replicate ", number),
    state.study ? button("Crises of Explore instead", () => change({ study: null, point: null, arm: "moved" })) : "");
  remember();
  const source = state.study ? { study: state.study, point: state.point } : { asked: asked(state), arm: state.arm };
  tell({ do: "crisis", serial: ++app.serial.crisis, replicate: state.replicate, ...source });
  place.classList.add("stale");
}

function show(message) {
  play(false);
  shown = message;
  const { stories: [own, twin], sides, parting, telling } = message, last = message.days.length - 1;
  slider = make("input", { type: "range", min: 0, max: last, "aria-label": "Day of the crisis", class: "days",
    oninput: () => turnTo(slider.valueAsNumber) });
  const step = (words, symbol, to) => button(symbol, () => turnTo(to()), words);
  const next = (kind) => {
    const at = message.days.findIndex((day, number) => number > slider.valueAsNumber && day[kind]);
    return at < 0 ? last : at;
  };
  cursors = [];
  fill(place,
    make("p", {}, make("b", {}, message.which), `, ${sides.a} and ${sides.b}: ${own.ending}. `,
      make("span", { class: "quiet" }, `Without a mediator: ${twin.ending}.`)),
    make("p", { id: "parting" }, parting == null
      ? "With and without a mediator the two go the same way to the end: no mediator changed what was done."
      : `The twins part on day ${parting}: until then both did and suffered the same.`),
    make("div", { class: "player", role: "group", "aria-label": "Player" },
      step("Rewind", "\u25c2\u25c2", () => 0),
      step("A day back", "\u25c2", () => slider.valueAsNumber - 1),
      make("button", { type: "button", id: "play", onclick: () => play(!playing) }),
      step("A day on", "\u25b8", () => slider.valueAsNumber + 1),
      step("Next decision under arms", "next decision", () => next("decision")),
      step("Next event", "next event", () => next("event")),
      parting == null ? "" : step("Where the twins part", "parting", () => parting),
      slider, make("output", { id: "day" })),
    make("div", { class: "twins" }, story(own), story(twin)),
    make("div", { class: "reasons", "aria-live": "polite" }));
  play(false);
  place.classList.remove("stale");
  say(telling[1] ? `Day ${telling[0]} tells most: ${telling[1]}.` : "");
  turnTo(app.state.day ?? telling[0]);
}

/** Play from the day shown to the last one, or pause. */
function play(on) {
  clearInterval(playing);
  if (on && slider.valueAsNumber >= Number(slider.max)) turnTo(0);
  playing = on ? setInterval(() => turnTo(slider.valueAsNumber + 1), TICK) : 0;
  const words = on ? "Pause" : "Play";
  Object.assign(document.querySelector("#play") ?? {}, { textContent: on ? "\u2016" : "\u25b6", title: words, ariaLabel: words });
}

/** Show a day: nothing is drawn anew but what stands in words. */
function turnTo(wanted) {
  const last = Number(slider.max), day = Math.max(0, Math.min(last, wanted));
  if (wanted > last) play(false);
  slider.value = day;
  slider.setAttribute("aria-valuetext", `day ${day}`);
  document.querySelector("#day").textContent = `day ${day}`;
  app.state.day = day;
  remember();
  for (const move of cursors) move(day);
  place.querySelector(".reasons").replaceChildren(...reasons(day));
}

/** A crisis as a figure: events, then panels. */
function story(own) {
  const place = make("div", { class: "drawing" });
  let move = () => {};
  cursors.push((day) => move(day));
  sized(place, (width) => drawing(width, `${own.ending}. ${own.words}`, (root) => {
    const [height, moved] = days(root, own, width);
    move = moved;
    move(slider.valueAsNumber);
    return height;
  }));
  return make("figure", {}, make("h3", {}, own.title), place);
}

/** Draw a crisis; returns its height and a function that moves its cursor to a day. */
function days(root, own, width) {
  const wide = width > 420, left = wide ? 132 : 44, right = width - 8, high = wide ? 13 : 25;
  const last = shown.days.length - 1, across = scale(-0.5, last + 0.5, left, right);
  const first = key(root, SIDES.map((side) => shown.sides[side]), SIDES.map(colour), width) + 6;
  const backdrop = svg("g"), cursor = line(0, first, 0, 0, { class: "cursor" });
  root.append(backdrop);
  let y = first - 4;
  for (const row of shown.rows) {
    y += high;
    root.append(wide ? text(left - 8, y - 1, short(row, 22), { class: "end quiet small" })
      : text(left, y - 12, short(row, width / 7), { class: "quiet small" }));
    for (const event of own.events.filter((event) => event.row === row)) {
      const faint = event.kind === "attempt" && !event.words.endsWith("agreed");
      root.append(svg("rect", { x: across(event.day) - 1.5, y: y - 10, width: 3, height: 10, class: faint ? "event faint" : "event" },
        svg("title", {}, `day ${event.day}: ${event.words}`)));
    }
  }
  const below = y;
  for (const panel of own.panels) {
    y += 22;
    root.append(text(left, y - 5, short(panel.label, (right - left) / 5.6), { class: "quiet small" }));
    drawPanel(root, panel, across, [left, y, right, y + panel.height]);
    y += panel.height;
  }
  for (const day of ticks(0, last, Math.max(3, width / 90))) root.append(text(across(day), y + 15, String(day), { class: "middle" }));
  root.append(text((left + right) / 2, y + 30, "day", { class: "middle quiet" }));
  for (const [from, to, kind] of own.spells) {
    const x = across(from - 0.5);
    backdrop.append(svg("rect", { x, y: first, width: across(to + 0.5) - x, height: y - first, class: "truce" },
      svg("title", {}, `${kind} agreement in force, days ${from} to ${to}`)));
  }
  if (shown.parting != null) {
    const x = across(shown.parting), late = x > right - 60;
    backdrop.append(line(x, first, x, y, { class: "parting" }));
    root.append(text(x + (late ? -4 : 4), below + 34, "they part", { class: late ? "small end" : "small" }));
  }
  cursor.setAttribute("y2", y);
  backdrop.append(cursor);
  root.addEventListener("click", (event) => {
    const box = root.getBoundingClientRect(), at = (event.clientX - box.left) * (width / box.width);
    turnTo(Math.round(((at - left) / (right - left)) * (last + 1) - 0.5));
  });
  return [y + 36, (day) => ["x1", "x2"].forEach((end) => cursor.setAttribute(end, across(day)))];
}

/** A panel, whose heights are shares of its own. */
function drawPanel(root, { marks, hot, curves, bars = [], dots = [] }, across, [left, top, right, bottom]) {
  const up = scale(0, 1, bottom - 3, top + 3);
  for (const [words, at] of marks) {
    root.append(line(left, up(at), right, up(at), { class: "grid" }), text(left - 5, up(at) + 4, words, { class: "end" }));
  }
  if (hot) root.append(line(left, up(hot), right, up(hot), { class: "hot" }));
  for (const { side, values, dash, thin, steps } of curves) {
    const path = values.map((value, day) => {
      const y = up(value).toFixed(1), [from, to] = [day - 0.5, day + 0.5].map((at) => across(at).toFixed(1));
      return `${day ? "L" : "M"}${steps ? `${from},${y}H${to}` : `${across(day).toFixed(1)},${y}`}`;
    });
    root.append(svg("path", { d: path.join(""), stroke: colour(side), "stroke-dasharray": dash, class: thin ? "curve thin" : "curve" }));
  }
  for (const [side, day, from, to] of bars) {
    const x = across(day - 0.4), width = Math.max(across(day + 0.4) - x, 1);
    root.append(svg("rect", { x, y: up(to), width, height: up(from) - up(to), fill: colour(side) }));
  }
  for (const [side, day, at] of dots) root.append(svg("circle", { cx: across(day), cy: up(at), r: 2.2, fill: colour(side) }));
}

/** What happened on a day, what was offered, and what each government weighed, in words. */
function reasons(number) {
  const day = shown.days[number];
  return [
    make("p", {}, make("b", {}, `Day ${number}. `), day.words),
    ...day.offers.map((words) => quiet(words)),
    make("div", { class: "twins" }, SIDES.map((side) => weighing(side, day.sides[side]))),
  ];
}

function weighing(side, { title, why, state, heads, rows, push }) {
  const most = Math.max(0.01, ...push.map(([value]) => Math.abs(value)));
  const bar = ([value, words]) => make("span", { class: "push" },
    svg("svg", { class: "drawn", viewBox: "-50 0 100 12", width: 100, height: 12, "aria-hidden": "true" },
      svg("rect", { x: Math.min(0, (46 * value) / most), y: 1, width: Math.abs((46 * value) / most), height: 10,
        fill: value > 0 ? "var(--arm1)" : "var(--arm0)" }),
      line(0, 0, 0, 12, { class: "axis" })), words);
  return make("section", { class: "side", "aria-label": `Side ${side} on this day` },
    make("h3", { class: `arm${SIDES.indexOf(side)}` }, title), make("p", {}, why), quiet(state),
    table("What its government weighed, by rung (utility)",
      ["term of utility", ...heads, ...(push.length ? ["for holding"] : [])],
      rows.map((row, at) => [...row, ...(push.length ? [push[at] ? bar(push[at]) : ""] : [])])));
}
