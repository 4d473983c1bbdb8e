// The page: its parts, and which of them is shown.

import { choose, explore, showExplore } from "./explore.js";
import { crisis, showCrisis } from "./crisis.js";
import { app, ask, button, connect, remember, say } from "./page.js";
import { format, parse } from "./state.js";
import { studies, showStudy } from "./studies.js";

const PARTS = { explore: ["Explore", showExplore], crisis: ["One crisis", showCrisis], studies: ["Studies", showStudy] };

/** Show a part of the page. */
function turnTo(name, moveFocus = true) {
  app.state.page = name in PARTS ? name : "explore";
  for (const part of Object.keys(PARTS)) {
    document.querySelector(`#${part}`).hidden = part !== app.state.page;
    document.querySelector(`#to-${part}`).setAttribute("aria-current", part === app.state.page);
  }
  remember();
  if (moveFocus) document.querySelector(`#${app.state.page} h2`)?.focus();
}

async function begin() {
  connect();
  document.querySelector("nav").append(...Object.entries(PARTS).map(([name, [words, enter]]) =>
    Object.assign(button(words, () => { turnTo(name); enter(); }), { id: `to-${name}` })));
  app.about = await ask("/about");
  document.querySelector("#version").textContent = `Offramp ${app.about.version}`;
  const opened = (more) => {
    Object.assign(app.state, { study: null, point: null, day: null }, more);
    turnTo("crisis");
    showCrisis();
  };
  crisis(document.querySelector("#crisis"));
  studies(document.querySelector("#studies"), (study, point, replicate) => opened({ study, point, replicate, arm: null }));
  turnTo(app.state.page, false);
  await explore(document.querySelector("#explore"), (arm, replicate) => opened({ arm, replicate }));
  if (app.state.page !== "explore") PARTS[app.state.page][1]();
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address stands for what is shown
  (document.querySelector(`#${app.state.page} .results`) ?? document.querySelector(`#${app.state.page} h2`)).focus();
});

addEventListener("hashchange", async () => {
  if (location.hash === format(app.state)) return;
  app.state = parse(location.hash);
  turnTo(app.state.page);
  await choose();
  if (app.state.page !== "explore") PARTS[app.state.page][1]();
});

begin().catch((error) => say(error.message, true));
