// The clock at the top: what time it is, what comes next, and moving it on.

import { act } from "./api.js";
import { byId, say } from "./dom.js";
import { now, state, watch } from "./store.js";
import { full, hour, short, until } from "./time.js";

let moved = false;

export function startClock() {
  for (const button of document.querySelectorAll("[data-move]")) button.addEventListener("click", () => move(button.dataset.move));
  byId("journey-stop").addEventListener("click", () => act("clock", { to: "here" }));
  watch(render);
  setInterval(tick, 250);
}

function move(by) {
  act("clock", by === "next" ? { to: "next" } : { seconds: Number(by) });
}

function render(server) {
  const journey = server.journey;
  byId("journey").hidden = !journey;
  for (const button of document.querySelectorAll("[data-move]")) button.disabled = Boolean(journey);
  document.body.classList.toggle("moving", Boolean(journey));
  if (journey) showJourney(journey);
  else if (moved) arrive();
  moved = Boolean(journey);
  tick();
}

function showJourney(journey) {
  byId("journey-share").value = journey.share;
  byId("journey-words").textContent = `${short(new Date(journey.at))} · ${journey.events} ${journey.events === 1 ? "event" : "events"}`;
}

function arrive() {
  say(`It is now ${short(now())}.`);
}

function tick() {
  if (!state.server) return;
  const at = now();
  byId("now").textContent = full(at);
  byId("now").dateTime = at.toISOString();
  byId("device-time").textContent = hour(at);
  const due = state.server.next_due && new Date(state.server.next_due);
  const next = byId("next");
  next.textContent = due ? `Next event ${until(due - at)}` : state.server.journey ? "Time passes…" : "Nothing is due";
}
