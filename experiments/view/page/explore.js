// Explore: levers as sliders, two arms under the same luck, and the answer, refined while nobody moves.

import { number } from "./draw.js";
import { app, ask, button, figure, fill, link, make, menu, picker, quiet, remember, say, table, tell } from "./page.js";
import { ARMS, arm, asked } from "./state.js";

const PAUSE = 80; // milliseconds without a move after which the answer is asked for
const STEPS = 200; // steps of a slider
const TILES = ["calm_14", "calm", "limited_war_or_worse", "war", "days_heavy", "typical_deaths"];
let base = null, choices = 0; // what stands in the configuration of the arm moved; how often something was chosen
let answer = null, timer = 0, figures = {}, controls, results, open;

/** Build the page's part; `opened(arm, replicate)` shows a crisis. */
export async function explore(place, opened) {
  open = opened;
  controls = make("form", { class: "controls", "aria-label": "What is simulated", onsubmit: (event) => event.preventDefault() });
  results = make("div", { class: "results", tabindex: -1 });
  place.append(controls, results);
  Object.assign(app.heard, { answer: show, wrong: ({ line }) => say(line, true), note: (it) => it.do === app.state.page && say(it.line) });
  await choose();
}

/** The part is turned to: what stands on it is asked for, unless it is there. */
export function showExplore() {
  if (!answer || answer.serial !== app.serial.explore) request();
  else tellHowMany();
}

/** Take over the choices of the state, fetch what stands in them, build the controls and ask. */
export async function choose() {
  const { state } = app;
  state.scenario ??= "tovuz_2020";
  const turn = ++choices;
  outdate();
  try {
    const own = await ask("/base", { scenario: state.scenario });
    if (turn !== choices) return; // something else was chosen meanwhile
    const usual = { held: { mediation: "none", talks: own.choices.talks }, moved: own.choices };
    const fetched = await Promise.all(ARMS.map((arm) => {
      for (const group of ["mediation", "talks"]) state[arm][group] ??= usual[arm][group];
      return ask("/base", { scenario: state.scenario, mediation: state[arm].mediation, talks: state[arm].talks });
    }));
    if (turn !== choices) return;
    base = fetched[1];
    build();
    if (state.page === "explore") request();
  } catch (error) {
    say(error.message, true);
    build();
  }
}

/** What is under way, and what is shown, is stale from now on. */
function outdate() {
  tell({ do: "stop", serial: ++app.serial.explore });
  results.classList.add("stale");
  clearTimeout(timer);
}

/** Something was moved: a new answer is asked for after a pause. */
function request() {
  outdate();
  timer = setTimeout(() => {
    remember();
    tell({ do: "explore", serial: app.serial.explore, asked: asked(app.state) });
  }, PAUSE);
}

/** Both arms as a scenario has them. */
function begin(scenario) {
  Object.assign(app.state, { scenario, held: arm(), moved: arm() });
  choose();
}

function build() {
  const { options, sliders } = app.about, { state } = app;
  const chosen = (group, arm) => menu(`${group} of the arm ${arm}`, options[group], state[arm][group],
    (name) => { app.state[arm][group] = name; choose(); });
  const found = make("div", { id: "sliders" });
  const search = make("input", { type: "search", placeholder: `search all ${sliders.length}`,
    "aria-label": "Search levers and uncertainties", oninput: () => list(found, search.value) });
  fill(controls,
    make("label", {}, make("span", {}, "Scenario"), menu("Scenario", options.scenario, state.scenario, begin)),
    quiet(base?.title ?? ""),
    make("div", { class: "arms" }, make("span"), ARMS.map((arm, at) => make("b", { class: `arm${at}` }, arm)),
      ["mediation", "talks"].flatMap((group) => [make("span", {}, group), ...ARMS.map((arm) => chosen(group, arm))])),
    make("p", { class: "buttons" },
      button("Hold this", () => { app.state.held = structuredClone(app.state.moved); choose(); }, "Hold what is moved now"),
      button("Reset levers", () => { app.state.moved.values = {}; choose(); }, "Take back what was moved"),
      button("Reset all", () => begin(app.state.scenario), "Take back everything")),
    make("label", {}, make("span", {}, "Levers and uncertainties of the arm moved"), search),
    found,
    make("details", {}, make("summary", {}, "Seed, days and citizens"),
      setting("seed", "Seed", 0, 1, 2 ** 53 - 1), setting("horizon_days", "Days", 30, 120, 450),
      setting("citizens", "Citizens a side", 16, 128, 1024)));
  list(found, "");
}

/** A whole number that holds for both arms. */
function setting(name, words, low, usual, high) {
  const input = make("input", { type: "number", min: low, max: high, value: app.state[name] ?? usual, onchange: () => {
    input.value = app.state[name] = Math.min(high, Math.max(low, Math.round(input.valueAsNumber || usual)));
    request();
  } });
  return make("label", {}, make("span", {}, words), input);
}

/** List the sliders: the main ones in groups, or those that a search finds. */
function list(place, sought) {
  if (!base) return;
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean), set = { ...app.state.held.values, ...app.state.moved.values };
  const fits = ({ path, label, about, group, main }) => {
    const all = `${path} ${label} ${about} ${group}`.toLowerCase();
    return words.length ? words.every((word) => all.includes(word)) : main || path in set;
  };
  const fitting = app.about.sliders.filter(fits);
  place.replaceChildren(...[...new Set(fitting.map((slider) => slider.group))].map((group, at) => {
    const own = fitting.filter((slider) => slider.group === group);
    const opened = words.length > 0 || (at === 0 && innerWidth > 860) || own.some((slider) => slider.path in set);
    return make("details", { open: opened }, make("summary", {}, `${group} (${own.length})`), own.slice(0, 60).map(lever));
  }));
  if (!fitting.length) place.append(quiet("nothing of this name"));
}

/** One parameter: a slider and a number, or a menu; what it means on hover and focus. */
function lever(slider) {
  const { path, label, options } = slider, own = base.values[path], id = `about-${path}`, values = () => app.state.moved.values;
  const varies = base.drawn.includes(path), now = values()[path] ?? own, node = make("div", { class: "lever" });
  const mark = () => node.classList.toggle("changed", path in values());
  const set = (value) => {
    if (value === own && !varies) delete values()[path];
    else values()[path] = value;
    mark();
    request();
  };
  const back = button("\u21ba", () => {
    const renewed = lever((delete values()[path], slider));
    node.replaceWith(renewed);
    renewed.querySelector("input, select").focus();
    request();
  }, `reset ${label}`);
  node.append(make("span", { class: "name" }, label),
    ...(options ? [menu(label, options, now, set), back] : movers(slider, now, set, id, back)),
    make("span", { class: "meaning", id }, slider.about + (varies ? " Drawn anew in every crisis until it is set." : "")));
  mark();
  return node;
}

/** A number with its unit, and a slider, that move each other. */
function movers({ label, low, high, unit, ...slider }, now, set, id, back) {
  const [to, from, last] = positions({ low, high, ...slider });
  const exact = make("input", { type: "number", value: now, min: low, max: high, step: "any", "aria-label": `${label}, exact`,
    onchange: () => {
      const given = slider.kind === "int" ? Math.round(exact.valueAsNumber) : exact.valueAsNumber;
      put(Number.isFinite(given) ? Math.min(high, Math.max(low, given)) : now);
      range.value = to(exact.valueAsNumber);
    } });
  const range = make("input", { type: "range", min: 0, max: last, value: to(now), "aria-label": label, "aria-describedby": id,
    "aria-valuetext": `${number(now)} ${unit}`, oninput: () => put(from(range.valueAsNumber)) });
  const put = (value) => {
    exact.value = value;
    range.setAttribute("aria-valuetext", `${number(value)} ${unit}`);
    set(value);
  };
  return [exact, make("span", { class: "unit" }, unit), back, range];
}

/** Functions from a value to the place of a slider, and back, and its last place; wide ranges go by whole units. */
function positions({ low, high, log, kind }) {
  if (kind === "int" || (!log && high - low >= STEPS)) return [(value) => value - low, (place) => place + low, high - low];
  const [f, g] = log ? [Math.log, Math.exp] : [(x) => x, (x) => x];
  const span = f(high) - f(low), within = (value) => Math.min(high, Math.max(low, value));
  return [
    (value) => Math.round((STEPS * (f(value) - f(low))) / span),
    (place) => within(+g(f(low) + (place / STEPS) * span).toPrecision(4)),
    STEPS,
  ];
}

/** Show an answer. */
function show(message) {
  answer = { ...message, query: new URLSearchParams({ replicates: message.replicates, asked: JSON.stringify(asked(app.state)) }) };
  results.classList.remove("stale");
  tellHowMany();
  if (!figures.severity) layOut();
  const { numbers } = answer;
  results.querySelector(".tiles").replaceChildren(...TILES.flatMap((name) => numbers.filter((row) => row.metric === name)).map(tile));
  results.querySelector(".levels").replaceChildren(table(`Levels and paired differences, ${crises()}`,
    ["quantity", ...ARMS, "moved minus held (deaths: times)"], numbers.map((row) => [row.label, ...row.levels, row.change])),
    link("csv", address("comparison", "csv")));
  results.querySelector("#command").textContent = message.command;
  for (const [name, node] of Object.entries(figures)) if (message.figures[name]) node.renew(message.figures[name]);
}

const crises = () => `${answer.replicates.toLocaleString("en")} crises a side`;

function tellHowMany() {
  const refining = answer.replicates < answer.of ? `; refining to ${answer.of.toLocaleString("en")}` : "";
  if (app.state.page === "explore") say(`${crises()}, the same luck in both${refining}.`);
}

function layOut() {
  const pick = picker(() => answer.examples, (arm, _, replicate) => open(arm, replicate));
  for (const [name, rows] of Object.entries(answer.figures)) figures[name] = figure(rows, { pick, saved: (kind) => address(name, kind) });
  const picks = ARMS.flatMap((arm) => ["median", "worst"].map((which) => button(`${which} crisis, ${arm}`,
    () => open(arm, answer.examples[arm][which][1]))));
  const command = make("code", { id: "command", tabindex: 0 });
  const copy = button("Copy", () => navigator.clipboard.writeText(command.textContent)
    .then(() => say("The command was copied."), () => say("The browser does not let it be copied: select it.", true)));
  results.replaceChildren(make("div", { class: "tiles" }),
    make("p", { class: "buttons" }, make("span", {}, "One crisis: "), picks),
    make("div", { class: "figures" }, Object.values(figures)),
    make("details", {}, make("summary", {}, "All numbers"), make("div", { class: "levels" })),
    make("section", { class: "command", "aria-label": "The same on the command line" },
      make("h3", {}, "The same on the command line, bit for bit"), make("div", { class: "scroll" }, command), copy));
}

/** Where a figure or table of what is on screen is saved from. */
const address = (name, kind) => `/figure/${name}.${kind}?${answer.query}`;

/** One number of both arms, and how their difference reads. */
const tile = ({ metric, label, values, change }) => make("div", { class: "tile", "data-metric": metric }, make("h3", {}, label),
  make("p", {}, make("b", { class: "arm0" }, values[0]), " \u2192 ", make("b", { class: "arm1" }, values[1])), quiet(change));
