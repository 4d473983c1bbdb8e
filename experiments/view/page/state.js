// What the page shows, as one plain object, and as the part of its address behind the `#`.

export const ARMS = ["held", "moved"];
const TEXTS = ["page", "scenario", "arm", "study", "where", "by", "figure"];
const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i; // all else is left to the server to refuse
const NUMBERS = ["seed", "horizon_days", "citizens", "replicate", "day", "point"];

/** The state that an address stands for; what it leaves out is null, and nothing else is taken from it. */
export function parse(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { held: arm(), moved: arm() };
  for (const name of TEXTS) state[name] = given.get(name);
  for (const name of NUMBERS) state[name] = whole(given.get(name));
  for (const [key, value] of given) {
    const [name, ...rest] = key.split(":");
    if (!ARMS.includes(name) || !rest.length) continue;
    const path = rest.join(":");
    if (path === "mediation" || path === "talks") state[name][path] = value;
    else if (value) state[name].values[path] = DECIMAL.test(value) ? Number(value) : value;
  }
  return state;
}

/** An arm of which nothing is chosen yet. */
export const arm = () => ({ mediation: null, talks: null, values: {} });
const whole = (text) => (!/^\d{1,20}$/.test(text) ? null : Number.isSafeInteger(Number(text)) ? Number(text) : text);

/** The address of a state. */
export function format(state) {
  const parts = new URLSearchParams();
  for (const name of [...TEXTS, ...NUMBERS]) if (state[name] != null && state[name] !== "") parts.set(name, state[name]);
  for (const name of ARMS) {
    for (const group of ["mediation", "talks"]) if (state[name][group]) parts.set(`${name}:${group}`, state[name][group]);
    for (const [path, value] of Object.entries(state[name].values)) parts.set(`${name}:${path}`, value);
  }
  return `#${parts}`;
}

/** What the server is asked to simulate. */
export function asked(state) {
  const { scenario, held, moved, seed, horizon_days, citizens } = state;
  const given = Object.entries({ seed, horizon_days, citizens }).filter(([, value]) => value != null);
  return { scenario, held, moved, ...Object.fromEntries(given) };
}
