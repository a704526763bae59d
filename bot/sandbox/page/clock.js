// The clock at the top: what time it is, what comes next, and moving it on.

import { act } from "./api.js";
import { byId, say } from "./dom.js";
import { now, state, watch } from "./store.js";
import { full, hour, short, until } from "./time.js";

let told; // the offset of the clock that was last told

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
  else arrive(server.offset);
  tick();
}

function showJourney(journey) {
  byId("journey-share").value = journey.share;
  byId("journey-words").textContent = `${short(new Date(journey.at))} · ${journey.events} ${journey.events === 1 ? "event" : "events"}`;
}

// A way may be over before the page has seen it begin.
function arrive(offset) {
  if (told !== undefined && told !== offset) say(`It is now ${short(now())}.`);
  told = offset;
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
