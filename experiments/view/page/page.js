// What all parts of the page share: elements, figures, the connection, the state.

import { draw, wordsOf } from "./draw.js";
import { format, parse } from "./state.js";

export const app = { state: parse(location.hash), about: null, serial: { explore: Date.now(), crisis: Date.now() }, heard: {} };

/** An element with attributes, listeners (`onclick` and the like) and children; null attributes are left out. */
export function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value != null && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

/** A button; what it says may be a symbol, then `title` names it. */
export const button = (words, act, title) =>
  make("button", { type: "button", onclick: act, title, "aria-label": /\w/.test(words) ? null : title }, words);

const alike = (place, node) => [...place.querySelectorAll(node.tagName)].filter((other) => nameOf(other) === nameOf(node));
const nameOf = (node) => (node.getAttribute("aria-label") ?? node.textContent).split(":")[0];

/** Put children in place of what is there; the focus stays on what has the name of what had it. */
export function fill(place, ...children) {
  const focused = place.contains(document.activeElement) && document.activeElement, at = focused && alike(place, focused).indexOf(focused);
  place.replaceChildren(...children);
  if (focused) alike(place, focused)[at]?.focus({ preventScroll: true });
}

/** Words that stand back. */
export const quiet = (...words) => make("p", { class: "quiet" }, words);

/** A menu of options, the chosen one selected; an option is a name, or {name, words}. */
export function menu(label, options, chosen, act) {
  const items = options.map((option) => (option.name == null ? { name: option } : option));
  const select = make("select", { "aria-label": label, onchange: () => act(select.value) }, items.map((item) =>
    make("option", { value: item.name, title: item.words, selected: item.name === chosen }, item.shown ?? item.name)));
  return select;
}

let due = 0;

/** Write the state into the address, a moment later since browsers count; no step is added to the way back. */
export function remember() {
  clearTimeout(due);
  due = setTimeout(() => history.replaceState(null, "", format(app.state)), 200);
}

const latest = {}; // message of each kind
let socket = null;

/** Send a message to the server, now or once it is connected. */
export function tell(message) {
  latest[message.do] = message;
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

/** Connect, and connect and ask again when the connection is lost; `app.heard` has who receives messages, by kind. */
export function connect() {
  socket = new WebSocket(`ws://${location.host}/tab`);
  socket.addEventListener("open", () => {
    document.body.classList.remove("alone");
    Object.values(latest).forEach(tell);
  });
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.serial === app.serial[message.do]) app.heard[message.kind]?.(message); // others were overtaken by a newer request
  });
  socket.addEventListener("close", () => {
    document.body.classList.add("alone");
    setTimeout(connect, 1500);
  });
}

/** JSON from the server; what is wrong is thrown as one line. */
export async function ask(path, parameters = {}) {
  const given = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value != null && value !== ""));
  const answer = await fetch(`${path}?${given}`);
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

/** Draw into a place now, and again whenever its width changes. */
export function sized(place, drawn) {
  let before = 0;
  const redraw = () => {
    const width = Math.floor(place.clientWidth);
    if (width && width !== before) fill(place, drawn((before = width)));
  };
  new ResizeObserver(redraw).observe(place);
  place.again = () => { before = 0; redraw(); };
  return place;
}

/** A function that opens the crisis standing for a part of a distribution, given all such crises. */
export const picker = (examples, open) => (arm, column, part) => {
  const crisis = examples()[arm]?.[column]?.[part];
  if (crisis) open(arm, ...crisis);
};

/** A link that saves something, named by its kind of file. */
export const link = (kind, address) => make("a", { href: address, download: "" }, kind);

/** A figure of some rows: title, drawing, its numbers in words, and links to save it; `saved` gives addresses by kind. */
export function figure(rows, { pick, saved } = {}) {
  let shown = rows;
  const place = make("div", { class: "drawing" }), words = make("p"), links = make("span", { class: "saved" });
  const node = make("figure", {}, make("h3", {}, rows.title), place,
    make("figcaption", {}, rows.note, " ", links, make("details", {}, make("summary", {}, "in words"), words)));
  sized(place, (width) => draw(shown, width, pick));
  node.renew = (newer) => {
    shown = newer;
    words.textContent = wordsOf(newer);
    links.replaceChildren(...(saved ? ["svg", "png", "csv"].map((kind) => link(kind, saved(kind))) : []));
    place.again();
  };
  node.renew(rows);
  return node;
}

/** A table with a caption; cells are texts or nodes. */
export function table(caption, heads, rows) {
  return make("div", { class: "scroll" }, make("table", {}, make("caption", {}, caption),
    make("thead", {}, make("tr", {}, heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, rows.map((row) => make("tr", {}, row.map((cell, at) => make(at ? "td" : "th", at ? {} : { scope: "row" }, cell)))))));
}

/** Say in one line what is going on, or what is wrong. */
export function say(line, wrong = false) {
  const status = document.querySelector("#status");
  status.textContent = line;
  status.classList.toggle("wrong", wrong);
}
