// What can go wrong: the text provider cannot reach us, or a staff chat is down.

import { act } from "./api.js";
import { byId } from "./dom.js";
import { state, watch } from "./store.js";

export function startSwitches() {
  byId("webhooks").addEventListener("click", () =>
    act("twilio/fault", { webhooks: state.server.outages.webhooks ? "up" : "down" }));
  byId("slack-up").addEventListener("click", () => act("slack/outage", { down: !state.server.outages.slack }));
  byId("teams-up").addEventListener("click", () => act("teams/outage", { down: !state.server.outages.teams }));
  watch(({ outages }) => {
    show(byId("webhooks"), outages.webhooks, "The text provider cannot reach Commonline. Texts wait there and are fetched every five minutes.");
    show(byId("slack-up"), outages.slack, "Slack is down. What staff should see waits and is posted when Slack is back.");
    show(byId("teams-up"), outages.teams, "Teams is down. What staff should see waits and is posted when Teams is back.");
  });
}

function show(control, down, words) {
  control.setAttribute("aria-checked", String(!down));
  control.title = down ? words : "Working. Press to break it.";
}
