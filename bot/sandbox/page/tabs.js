// Slack or Teams: which staff chat is shown, and who works in which.

import { byId } from "./dom.js";
import { choose, chosen, watch } from "./store.js";

const NAMES = { slack: "Slack", teams: "Teams" };

export function startTabs() {
  for (const tab of tabs()) tab.addEventListener("click", () => choose({ chat: tab.dataset.chat }));
  watch(render);
}

function render({ staff }) {
  for (const tab of tabs()) {
    const current = tab.dataset.chat === chosen.chat;
    tab.setAttribute("aria-pressed", String(current));
    byId(`${tab.dataset.chat}-space`).hidden = !current;
  }
  byId("chat-dot").hidden = byId("slack-dot").hidden && byId("teams-dot").hidden;
  byId("who-where").textContent = whoWhere(staff);
}

function tabs() {
  return document.querySelectorAll("[data-chat]");
}

function whoWhere(staff) {
  const chats = new Map();
  for (const { city, chat } of staff) if (city) chats.set(city, new Set([...(chats.get(city) ?? []), NAMES[chat]]));
  return [...chats].map(([city, names]) => `${city}: ${names.size > 1 ? "both" : [...names][0]}`).join(" · ");
}
