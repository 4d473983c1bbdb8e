// Finished studies: what `offramp compare` draws of them, claims with their verdicts, fronts of searches to brush.

import { drawing, ends, line, number, scale, short, svg, text } from "./draw.js";
import { app, ask, button, figure, fill, link, make, menu, picker, remember, say, sized, table } from "./page.js";
import { arm, format } from "./state.js";

const MOST_ARMS = 40, FEW = 30; // arms of a study, and policies of a front, that are listed
const tight = (words) => words.replaceAll(/(?<!\]) (?!\[)/g, "\u00a0"); // breaks before an interval alone
let place, open, chosen, turns = 0;

/** Build the page's part; `opened(study, point, replicate)` shows a crisis. */
export function studies(section, opened) {
  open = opened;
  place = make("div", { class: "study" });
  chosen = make("form", { class: "buttons", "aria-label": "Which study", onsubmit: (event) => { event.preventDefault(); showStudy(); } });
  section.append(chosen, place);
}

/** Fetch and show the study of the state. */
export async function showStudy() {
  const { state } = app, known = app.about.studies, turn = ++turns;
  if (!known.length) {
    place.replaceChildren(make("p", {},
      "No study was named and outputs/ holds none: start with offramp view STUDY, or make one with offramp sweep."));
    return;
  }
  const study = known.find((own) => own.place === state.study) ?? (state.study ? null : known[0]);
  const set = (name) => (event) => { state[name] = event.target.value.trim() || null; showStudy(); };
  const field = (name, words, example) => make("label", {}, `${words} `,
    make("input", { type: "text", size: 24, value: state[name] ?? "", placeholder: example, onchange: set(name) }));
  fill(chosen, make("label", {}, "study ", menu("Study",
    known.map((own) => ({ name: own.place, shown: `${short(own.place.split("/").slice(-3).join("/"), 60)} (${own.kind})` })), study?.place,
    (name) => { Object.assign(state, { study: name, where: null, by: null, figure: null }); showStudy(); })),
    ...(study?.kind === "study" ? [field("where", "where", "severity = 'war'"), field("by", "by", "mediation.delay")] : []),
    make("button", {}, "Show"));
  remember();
  place.classList.add("stale");
  try {
    const made = await ask("/study", { place: study?.place ?? state.study, where: state.where, by: state.by });
    if (turn !== turns) return; // another one was asked for meanwhile
    fill(place, ...{ study: comparison, claims, front }[made.kind](made));
    say(made.kind === "study"
      ? `${made.arms.reduce((sum, arm) => sum + arm.crises, 0).toLocaleString("en")} crises, ${made.arms.length} arms.`
      : made.kind === "claims" ? `${made.cells.length} claims.` : `${made.rows.length} policies of ${made.of}.`);
  } catch (error) {
    if (turn !== turns) return;
    place.replaceChildren(make("p", { class: "wrong" }, error.message));
    say(error.message, true);
  }
  place.classList.remove("stale");
}

function comparison(made) {
  const { state } = app, { place: study, figures, arms, examples } = made;
  const query = new URLSearchParams(Object.entries({ place: study, where: state.where, by: state.by }).filter(([, value]) => value));
  const address = (name, kind) => `/study/${name}.${kind}?${query}`;
  const pick = picker(() => examples, (_, point, replicate) => open(study, point, replicate));
  const drawn = (name) => figure(figures[name], { pick, saved: (kind) => address(name, kind) });
  const pictures = made.drawn.map((name) => make("figure", {},
    make("img", { src: address(name, "svg"), alt: name.replaceAll("_", " "), loading: "lazy" })));
  const rows = arms.slice(0, MOST_ARMS).map(({ name, crises, values }) => {
    const crisis = (which) => button(`${which} crisis`, () => open(study, ...examples[name][which]));
    return [name, crises.toLocaleString("en"), ...values.map(tight), make("span", { class: "buttons" }, crisis("median"), crisis("worst"))];
  });
  const [many, few] = [true, false].map((one) => Object.keys(figures).filter((name) => /^(response|map)_/.test(name) === one));
  const quantity = many.includes(state.figure) ? state.figure : many[0];
  const spot = make("div", {}, quantity ? drawn(quantity) : "");
  const options = many.map((name) => ({ name, shown: `${figures[name].label} (${name.split("_")[0]})` }));
  const choice = make("label", {}, "quantity ", menu("Quantity", options, quantity, (name) => {
    state.figure = name;
    remember();
    spot.replaceChildren(drawn(name));
  }));
  return [
    many.length ? choice : "", spot,
    make("div", { class: "figures" }, few.map(drawn)),
    table(`Arms${arms.length > MOST_ARMS ? `, the first ${MOST_ARMS} of ${arms.length}` : ""}`,
      ["arm", "crises", "calm", "war", "typical deaths", "one crisis"], rows),
    make("p", { class: "saved" }, "All numbers: ", link("csv", address("comparison", "csv"))),
    pictures.length ? make("details", {}, make("summary", {}, `Further figures (${pictures.length})`), pictures) : "",
    make("ul", { class: "quiet" }, made.notes.map((note) => make("li", {}, note))),
  ];
}

const claims = ({ figure: rows, cells }) => [figure(rows), table("Claims; a star: the verdict rests on assumption",
  ["claim", "", "verdict", "effect", "smallest of interest", "why"], cells)];

/** A search's front as parallel coordinates; dragging along an axis, or its two numbers, keep a part of it. */
function front(made) {
  const { axes, rows, of } = made, listed = make("div"), place = make("div", { class: "drawing" });
  const fits = (row) => axes.every(({ name, kept }) => !kept || (row[name] >= kept[0] && row[name] <= kept[1]));
  const renew = () => { place.again(); listed.replaceChildren(policies(made, rows.filter(fits))); };
  const keep = (axis, low, high) => {
    axis.kept = high > low ? [low, high] : null;
    (axis.kept ?? [axis.low, axis.high]).forEach((value, at) => { axis.inputs[at].value = +value.toPrecision(4); });
    renew();
  };
  for (const axis of axes) {
    const typed = (at) => (Number.isFinite(axis.inputs[at].valueAsNumber) ? axis.inputs[at].valueAsNumber : [axis.low, axis.high][at]);
    axis.inputs = ["from", "to"].map((word, at) => make("input", { type: "number", step: "any", "aria-label": `${axis.name} ${word}`,
      value: [axis.low, axis.high][at], onchange: () => keep(axis, typed(0), typed(1)) }));
  }
  sized(place, (width) => parallel(axes, rows, fits, width, keep));
  renew();
  return [
    make("figure", {}, make("h3", {}, `Policies that no other beats, ${rows.length} of ${of}`), make("div", { class: "scroll" }, place),
      make("figcaption", {}, "Orange axes are outcomes. Drag along an axis to keep a part of it; a click on it takes that back.")),
    make("details", {}, make("summary", {}, "Ends of what is kept"), make("div", { class: "ends" },
      axes.map((axis) => make("fieldset", {}, make("legend", {}, axis.label), axis.inputs)))),
    listed,
  ];
}

/** The policies kept, each a link that opens Explore with its levers. */
function policies({ columns, rows, scenario, chosen }, kept) {
  const beside = Object.entries(chosen.values ?? {}).filter(([path]) => !path.startsWith("mediation.")), held = arm();
  held.values = Object.fromEntries(beside); // what the search set beside its mediator is in both arms
  const link = (row) => {
    const moved = { ...arm(), ...chosen, values: { ...chosen.values } };
    for (const { name, goal } of columns) if (!goal) (name in moved ? moved : moved.values)[name] = row[name];
    return make("a", { href: format({ page: "explore", scenario, held, moved }) }, row.name ?? "explore");
  };
  const worded = (row, name) => tight(ends({ value: row[name], low: row[`${name}_low`], high: row[`${name}_high`] }, number));
  const cells = (row) => columns.map(({ name }) => (typeof row[name] === "string" ? row[name] : worded(row, name)));
  const caption = `${kept.length} of ${rows.length} policies kept${kept.length > FEW ? `, the first ${FEW} listed` : ""}`;
  return table(caption, ["policy", ...columns.map((own) => own.label)], kept.slice(0, FEW).map((row) => [link(row), ...cells(row)]));
}

function parallel(axes, rows, fits, least, keep) {
  const width = Math.max(least, 80 * axes.length), height = 290, [top, bottom] = [46, 256], kept = rows.filter(fits);
  const across = scale(0, Math.max(axes.length - 1, 1), 66, width - 66);
  const ups = axes.map(({ low, high }) => scale(low, high, bottom, top));
  return drawing(width, `Parallel coordinates of ${rows.length} policies, ${kept.length} kept`, (root) => {
    for (const row of [...rows.filter((row) => !fits(row)), ...kept]) {
      const path = axes.map(({ name, low }, at) => `${at ? "L" : "M"}${across(at).toFixed(1)},${ups[at](row[name] ?? low).toFixed(1)}`);
      root.append(svg("path", { class: fits(row) ? "policy" : "policy out", d: path.join("") }));
    }
    axes.forEach((axis, at) => {
      const x = across(at), up = ups[at], grip = svg("rect", { x: x - 14, width: 28, y: top, height: bottom - top, class: "grip" });
      root.append(line(x, bottom, x, top, { class: axis.goal ? "goal" : "axis" }),
        text(x, 12 + (at % 2 ? 13 : 0), short(axis.label, 20), { class: "middle", fill: axis.goal ? "var(--arm1)" : null }),
        text(x, top - 5, number(axis.high), { class: "middle quiet" }), text(x, bottom + 15, number(axis.low), { class: "middle quiet" }));
      if (axis.kept) {
        const [from, to] = axis.kept.map(up);
        root.append(svg("rect", { x: x - 6, width: 12, y: to, height: Math.max(2, from - to), class: "brush" }));
      }
      const value = (event) => {
        const box = root.getBoundingClientRect(), y = ((event.clientY - box.top) * height) / box.height;
        return axis.low + Math.min(1, Math.max(0, (bottom - y) / (bottom - top))) * (axis.high - axis.low);
      };
      grip.addEventListener("pointerdown", (event) => {
        const first = value(event);
        addEventListener("pointerup", (last) => keep(axis, ...[first, value(last)].sort((one, other) => one - other)), { once: true });
      });
      root.append(grip);
    });
    return height;
  });
}
