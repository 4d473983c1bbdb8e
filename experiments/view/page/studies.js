// Finished studies: what `offramp compare` draws of them, claims with their verdicts, fronts of searches to brush.

import { ends, line, number, percent, scale, short, svg, text } from "./draw.js";
import { app, ask, button, figure, inOrder, make, menu, picker, remember, say, sized, table } from "./page.js";
import { arm, format } from "./state.js";

const FEW = 30; // policies of a front that are listed
const MARGIN = 28; // pixels above and below the axes of parallel coordinates
let place, open, chosen;

/** Build the page's part; `opened(study, point, replicate)` shows a crisis. */
export function studies(section, opened) {
  open = opened;
  place = make("div", { class: "study" });
  chosen = make("form", { class: "buttons", "aria-label": "Which study", onsubmit: (event) => { event.preventDefault(); showStudy(); } });
  section.append(chosen, place);
}

/** Fetch and show the study of the state. */
export async function showStudy() {
  const { state } = app, known = app.about.studies;
  if (!known.length) {
    place.replaceChildren(make("p", {},
      "No study was named and outputs/ holds none: start with offramp view STUDY, or make one with offramp sweep."));
    return;
  }
  const study = known.find((own) => own.place === state.study) ?? (state.study ? null : known[0]);
  const set = (name) => (event) => { state[name] = event.target.value.trim() || null; showStudy(); };
  const field = (name, words, example) => make("label", {}, `${words} `,
    make("input", { type: "text", size: 24, value: state[name] ?? "", placeholder: example, onchange: set(name) }));
  chosen.replaceChildren(make("label", {}, "study ", menu("Study",
    known.map((own) => ({ name: own.place, shown: `${short(own.place.split("/").slice(-3).join("/"), 60)} (${own.kind})` })), study?.place,
    (name) => { Object.assign(state, { study: name, where: null, by: null, figure: null }); showStudy(); })),
    ...(study?.kind === "study" ? [field("where", "where", "severity = 'war'"), field("by", "by", "mediation.delay")] : []),
      make("button", {}, "Show"));
  remember();
  place.classList.add("stale");
  try {
    const made = await ask("/study", { place: study?.place ?? state.study, where: state.where, by: state.by });
    place.replaceChildren(...{ study: comparison, claims, front }[made.kind](made));
    say(made.kind === "study"
      ? `${made.arms.reduce((sum, arm) => sum + arm.crises, 0).toLocaleString("en")} crises, ${made.arms.length} arms.`
      : `${made.rows.length} ${made.kind === "claims" ? "claims" : `policies of ${made.of}`}.`);
  } catch (error) {
    place.replaceChildren(make("p", { class: "wrong" }, error.message));
    say(error.message, true);
  }
  place.classList.remove("stale");
}

function comparison(made) {
  const { state } = app;
  const asked = () => new URLSearchParams(Object.entries({ place: made.place, where: state.where, by: state.by })
    .filter(([, value]) => value));
  const saved = (name) => ["svg", "png"].map((kind) => [kind, () => `/study/${name}.${kind}?${asked()}`]);
  const open_ = (arm, which) => button(`${which} crisis`, () => open(made.place, ...made.examples[arm][which]));
  const pick = picker(() => made.examples, (_, point, replicate) => open(made.place, point, replicate));
  const arms = made.arms.slice(0, 40);
  const many = Object.keys(made.figures).filter((name) => /^(response|map)_/.test(name));
  const chosen_ = many.includes(state.figure) ? state.figure : many[0];
  const spot = make("div"), shown = (name) => spot.replaceChildren(figure(made.figures[name], { saved: saved(name) }));
  if (chosen_) shown(chosen_);
  return [
    ...(many.length ? [make("label", {}, "quantity ", menu("Quantity", many.map((name) => ({ name, shown: made.figures[name].label })),
      chosen_, (name) => { state.figure = name; remember(); shown(name); })), spot] : []),
    make("div", { class: "figures" }, inOrder(Object.keys(made.figures)).filter((name) => !many.includes(name))
      .map((name) => figure(made.figures[name], { pick, saved: saved(name) }))),
    table(`Arms${made.arms.length > arms.length ? `, the first ${arms.length} of ${made.arms.length}` : ""}`,
      ["arm", "crises", "calm", "war", "typical deaths", "one crisis"], arms.map((arm) => {
      const level = (metric) => made.levels.find((row) => row.arm === arm.name && row.metric === metric)?.value;
      return [arm.name, arm.crises.toLocaleString("en"), percent(level("calm")), percent(level("war")), number(level("typical_deaths")),
        make("span", { class: "buttons" }, open_(arm.name, "median"), open_(arm.name, "worst"))];
    })),
    ...(made.drawn.length ? [make("details", {}, make("summary", {}, `Further figures (${made.drawn.length})`),
      made.drawn.map((name) => make("figure", {}, make("img", { src: `/study/${name}.svg?${asked()}`, alt: name.replaceAll("_", " "),
      loading: "lazy" }))))] : []),
    make("p", {}, ["comparison", "shares", "incidence"].map((name) => make("a", { href: `/study/${name}.csv?${asked()}`, download: "" },
      `${name}.csv `))),
    make("ul", { class: "quiet" }, made.notes.map((note) => make("li", {}, note))),
  ];
}

function claims(made) {
  const rows = made.rows.map((row) => [row.name, row.claim, `${row.verdict}${row.assumption ? "*" : ""}`,
    `${number(row.effect)} [${number(row.low)}, ${number(row.high)}] ${row.unit}`, number(row.smallest), row.why]);
  return [figure(made.figure), table("Claims; a star: the verdict rests on assumption",
    ["claim", "", "verdict", "effect", "smallest of interest", "why"], rows)];
}

/** A search's front as parallel coordinates; dragging along an axis, or its two numbers, keep a part of it. */
function front(made) {
  const axes = [...made.levers.map((lever) => lever.name), ...made.goals], kept = {};
  const listed = make("div"), drawing = make("div", { class: "drawing" }), inputs = {};
  const known = (name) => made.rows.map((row) => row[name]).filter((value) => value != null);
  const span = Object.fromEntries(axes.map((name) => [name, [Math.min(...known(name)), Math.max(...known(name))]]));
  const fits = (row) => axes.every((name) => !kept[name] || (row[name] >= kept[name][0] && row[name] <= kept[name][1]));
  const renew = () => { drawing.again?.(); listed.replaceChildren(policies(made, axes, made.rows.filter(fits))); };
  const typed = (name) => {
    const [low, high] = inputs[name].map((input) => input.valueAsNumber), slack = (span[name][1] - span[name][0]) / 500;
    kept[name] = [low - slack, high + slack]; // numbers are shown rounded
    renew();
  };
  const brush = (name, low, high) => {
    kept[name] = high - low > 1e-12 ? [low, high] : undefined;
    (kept[name] ?? span[name]).forEach((value, at) => { inputs[name][at].value = +value.toPrecision(4); });
    renew();
  };
  for (const name of axes) {
    inputs[name] = ["from", "to"].map((word, at) => make("input", { type: "number", step: "any", "aria-label": `${name} ${word}`,
      value: +span[name][at].toPrecision(4), onchange: () => typed(name) }));
  }
  sized(drawing, (width) => parallel(made, axes, span, kept, fits, width, brush));
  listed.append(policies(made, axes, made.rows));
  return [make("figure", {}, make("h3", {}, `Policies that no other beats, ${made.rows.length} of ${made.of}`),
    make("div", { class: "scroll" }, drawing),
    make("figcaption", {}, "Orange axes are outcomes. Drag along an axis to keep a part of it; a click on it takes that back.")),
  make("details", {}, make("summary", {}, "Ends of what is kept"), make("div", { class: "ends" },
    axes.map((name) => make("fieldset", {}, make("legend", {}, bare(name)), inputs[name])))), listed];
}

const bare = (name) => name.replace(/^mediation\./, "");

/** The policies kept, each a link that opens Explore with its levers. */
function policies(made, axes, rows) {
  const link = (row) => {
    const values = Object.fromEntries(made.levers.map((lever) => [lever.name, row[lever.name]]));
    const moved = { ...arm(), talks: row.talks, values };
    return make("a", { href: format({ page: "explore", scenario: made.scenario, held: arm(), moved }) }, row.name ?? "explore");
  };
  const cell = (row, name) => ends({ value: row[name], low: row[`${name}_low`], high: row[`${name}_high`] }, number);
  return table(`${rows.length} of ${made.rows.length} policies kept`, ["policy", ...axes.map(bare)],
    rows.slice(0, FEW).map((row) => [link(row), ...axes.map((name) => cell(row, name))]));
}

function parallel(made, axes, span, kept, fits, least, brush) {
  const width = Math.max(least, 74 * axes.length), high = 290, root = svg("svg",
    { class: "drawn", role: "img", width, height: high, viewBox: `0 0 ${width} ${high}`,
    "aria-label": `Parallel coordinates of ${made.rows.length} policies, ${made.rows.filter(fits).length} kept` });
  const across = (at) => 40 + (at * (width - 80)) / Math.max(axes.length - 1, 1),
    up = axes.map((name) => scale(span[name][0], span[name][1], high - MARGIN - 14, MARGIN + 14));
  for (const row of [...made.rows].sort((one, other) => fits(one) - fits(other))) root.append(svg("path",
    { class: fits(row) ? "policy" : "policy out", d: axes.map((name,
    at) => `${at ? "L" : "M"}${across(at).toFixed(1)},${up[at](row[name] ?? span[name][0]).toFixed(1)}`).join("") }));
  axes.forEach((name, at) => {
    const x = across(at), own = up[at], goal = made.goals.includes(name), [low, top] = span[name];
    root.append(line(x, own(low), x, own(top), { class: goal ? "goal" : "axis" }),
      svg("text", { x, y: MARGIN - 12 + (at % 2 ? 12 : 0), class: goal ? "middle fill1" : "middle" },
      short(bare(name), 15)), svg("text", { x, y: own(low) + 14, class: "middle quiet" }, number(low)),
      text(x + 4, own(top) + 4, number(top), { class: "quiet" }));
    if (kept[name]) root.append(svg("rect", { x: x - 6, width: 12, y: own(kept[name][1]),
      height: Math.max(2, own(kept[name][0]) - own(kept[name][1])), class: "brush" }));
    const grip = svg("rect", { x: x - 14, width: 28, y: own(top), height: own(low) - own(top), class: "grip" });
    const value = (event) => { const box = root.getBoundingClientRect();
      return low + ((own(low) - ((event.clientY - box.top) * high) / box.height) / (own(low) - own(top))) * (top - low); };
    grip.addEventListener("pointerdown", (event) => {
      const first = value(event);
      addEventListener("pointerup", (last) => brush(name, Math.min(first, value(last)), Math.max(first, value(last))), { once: true });
    });
    root.append(grip);
  });
  return root;
}
