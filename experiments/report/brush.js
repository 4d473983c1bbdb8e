// The crises of a report, to be brushed: what is chosen in one figure is kept in all others. `draw` is draw.js's.

const data = JSON.parse(document.querySelector("#crises-data").textContent);
const place = document.querySelector("#brushing");
const READ = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };
const SHOWN = 8; // crises that are listed

/** A column of whole numbers from its deflated bytes in base64. */
async function column([name, { bytes, text }]) {
  const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const inflated = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
  return [name, new READ[bytes](await new Response(inflated).arrayBuffer())];
}

const columns = Object.fromEntries(await Promise.all(Object.entries(data.columns).map(column)));
const lanes = columns.arm.length;
const panels = data.panels.map((panel) => ({ ...panel, chosen: new Set(), of: columns[panel.name] }));
const chips = data.chips.map((chip) => ({ ...chip, chosen: new Set(), of: columns[chip.name] }));
const brushes = [...panels, ...chips];

/** Wilson's 95 % interval of a share. */
function wilson(share, trials) {
  if (trials < 2) return [null, null];
  const z = 1.959963984540054, weight = 1 + (z * z) / trials, middle = share + (z * z) / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  return [Math.max(0, (middle - half) / weight), Math.min(1, (middle + half) / weight)];
}

/** Count what is kept: for each panel by arm and part, among crises that all other brushes keep. */
function counted() {
  const counts = panels.map((panel) => data.arms.map(() => new Float64Array(panel.parts.length)));
  const kept = [];
  for (let lane = 0; lane < lanes; lane += 1) {
    let failed = 0, only = -1;
    for (let at = 0; at < brushes.length && failed < 2; at += 1) {
      const { chosen, of } = brushes[at];
      if (chosen.size && !chosen.has(of[lane])) { failed += 1; only = at; }
    }
    if (failed === 0) kept.push(lane);
    panels.forEach((panel, at) => {
      if (failed === 0 || (failed === 1 && only === at)) counts[at][columns.arm[lane]][panel.of[lane]] += 1;
    });
  }
  return { counts, kept };
}

function rowsOf(panel, counts) {
  const arms = data.arms.filter((_, arm) => counts[arm].some(Boolean));
  const rows = arms.flatMap((name) => {
    const own = counts[data.arms.indexOf(name)], total = own.reduce((sum, value) => sum + value, 0);
    return [...own].map((value, part) => {
      const share = value / total, [low, high] = wilson(share, total);
      return { arm: name, value: share, low, high, class: part, category: panel.keys?.[part] };
    });
  });
  const chosen = [...panel.chosen].map((part) => String(panel.keys?.[part] ?? part));
  const parts = (arm) => rows.filter((row) => row.arm === arm).map((row) => `${panel.parts[row.class]} ${ends(row)}`);
  const said = arms.map((arm) => `${arm}: ${parts(arm).join(", ")}`);
  const shared = { title: panel.title, arms, rows, said, chosen, act: "keep these alone, or take that back" };
  if (!panel.keys) return { ...shared, kind: "classes", label: panel.title, words: panel.parts };
  const byKey = (values) => Object.fromEntries(panel.keys.map((key, part) => [key, values[part]]));
  return { ...shared, kind: "shares", column: panel.name, words: byKey(panel.parts), colours: byKey(panel.colours) };
}

function toggle(brush, part) {
  if (!brush.chosen.delete(part)) brush.chosen.add(part);
  show();
}

const html = (name, attributes, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

function button(words, pressed, act) {
  const node = html("button", { type: "button", "aria-pressed": pressed }, words);
  node.addEventListener("click", act);
  return node;
}

function listed(kept) {
  const first = [...kept].sort((one, other) => columns.deaths_all[other] - columns.deaths_all[one]).slice(0, SHOWN);
  return first.map((lane) => {
    const words = `${data.arms[columns.arm[lane]]}, ${columns.deaths_all[lane].toLocaleString("en")} soldiers dead: `;
    const study = data.studies[columns.study[lane]];
    return html("li", {}, words, html("code", {}, `offramp trace ${study} -p ${columns.point[lane]} -r ${columns.replicate[lane]}`));
  });
}

function show() {
  const { counts, kept } = counted(), focused = document.activeElement?.getAttribute?.("aria-label");
  const groups = chips.map((chip) => html("p", { role: "group", "aria-label": chip.title }, html("b", {}, `${chip.title}: `),
    ...chip.parts.map((words, part) => button(words, chip.chosen.has(part), () => toggle(chip, part)))));
  const clear = button("Keep all", false, () => { brushes.forEach((brush) => brush.chosen.clear()); show(); });
  const width = Math.min(place.clientWidth, 860);
  const figures = panels.map((panel, at) => {
    const part = (name) => (panel.keys ? panel.keys.indexOf(name) : Number(name));
    const rows = rowsOf(panel, counts[at]);
    return html("div", { class: "brushed" }, html("h3", {}, panel.title), rows.arms.length
      ? draw(rows, width > 700 ? width / 2 - 12 : width, (_, __, name) => toggle(panel, part(name))) : "no crisis is left");
  });
  const said = html("p", { role: "status" }, `${kept.length.toLocaleString("en")} of ${lanes.toLocaleString("en")} crises kept. `, clear);
  place.replaceChildren(...groups, said, html("div", { class: "brushes" }, ...figures), html("p", {}, "The gravest of those kept:"),
    html("ol", {}, ...listed(kept)));
  if (focused) [...place.querySelectorAll("[aria-label]")].find((node) => node.getAttribute("aria-label") === focused)?.focus();
}

show();
let before = place.clientWidth;
new ResizeObserver(() => { if (place.clientWidth !== before) { before = place.clientWidth; show(); } }).observe(place);
