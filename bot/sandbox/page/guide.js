// "Try this": the way of one report, step by step; a step is ticked off when it has happened.

import { become, open, prepare } from "./chat.js";
import { byId, el, hidden, icon, sync } from "./dom.js";
import { write } from "./phones.js";
import { choose, chosen, state, watch } from "./store.js";
import { beColleague, openChannel, prepareRemark } from "./teams.js";

const STEPS = [
  {
    name: "Text a tip",
    words: "From any phone, to a city’s line.",
    label: "Write one for me",
    go: () => show("phone", () => write("Overtime is being signed off for crews that never showed up at the north depot.")),
    done: (server) => server.messages.some((message) => message.inbound),
  },
  {
    name: "Staff get a card",
    words: "No word of the tip, no number.",
    label: "Show the channel",
    go: () => show("chat", openDesk),
    done: (server) => server.messages.length > 0 && [...server.slack.channels, ...server.teams.channels].some(hasCard),
  },
  {
    name: "Read and answer",
    words: "The tip opens on a press, and that is recorded.",
    label: "Type /case",
    go: () => show("chat", async () => {
      await openDesk();
      (chosen.chat === "teams" ? prepareRemark : prepare)("/case ");
    }),
    done: (server) => chosen.opened && server.messages.length > 0,
  },
  {
    name: "Undo, or let it go",
    words: "A reply waits 20 seconds before it leaves.",
    label: "Move 20 seconds on",
    go: () => document.querySelector('[data-move="20"]').click(),
    done: (server) => server.messages.some((message) => !message.inbound && message.body.startsWith("[")),
  },
  {
    name: "Let days pass",
    words: "Clocks warn the desk before a promise is late.",
    label: "Move a week on",
    go: () => document.querySelector('[data-move="604800"]').click(),
    done: (server) => server.offset >= 86400,
  },
  {
    name: "Break something",
    words: "Switch the text provider off, text, and see it arrive later.",
    label: "Show the switches",
    go: () => byId("webhooks").focus(),
    done: (server) => Object.values(server.outages).includes(true),
  },
];

let selected = null;
let shown = null;

export function startGuide() {
  byId("guide-toggle").addEventListener("click", () => choose({ guide: !chosen.guide }));
  for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => show(button.dataset.show));
  watch(render);
}

function show(pane, then) {
  document.body.dataset.pane = pane;
  for (const button of document.querySelectorAll("[data-show]")) button.setAttribute("aria-pressed", String(button.dataset.show === pane));
  then?.();
}

function hasCard(channel) {
  return !channel.direct && !channel.personal && channel.messages.some((post) => post.app);
}

function hasAnswer(channel) {
  return channel.messages.some((post) => post.app && post.private);
}

// The desk of the city that was texted, in the chat where it is; in this one, if it is in both.
async function openDesk() {
  const city = state.server.cities.find((each) => each.lines.includes(chosen.line))?.name;
  const readers = state.server.staff.filter((person) => person.city === city && person.role === "recipient");
  const reader = readers.find((person) => person.chat === chosen.chat) ?? readers[0];
  if (!reader) return;
  choose({ chat: reader.chat });
  if (reader.chat === "teams") await openInTeams(city, readers, reader);
  else await openInSlack(readers, reader);
}

async function openInSlack(readers, reader) {
  if (!readers.some((person) => person.user === chosen.user)) await become(reader.user);
  const desk = state.server.slack.channels.find((channel) => channel.private && !channel.direct);
  if (desk) open(desk.id);
}

async function openInTeams(city, readers, reader) {
  if (!readers.some((person) => person.user === chosen.colleague)) await beColleague(reader.user);
  const desk = state.server.teams.channels.find((channel) => channel.team === city);
  if (desk) openChannel(desk.id);
}

function render(server) {
  if (server.slack.modal || server.teams.dialog || server.teams.channels.some(hasAnswer)) chosen.opened = true;
  byId("guide").hidden = !chosen.guide;
  byId("guide-toggle").setAttribute("aria-expanded", String(chosen.guide));
  const done = STEPS.map((step) => Boolean(step.done(server)));
  const current = done.indexOf(false);
  const open = selected ?? current;
  sync(byId("steps"), STEPS.map((_, at) => ({ at, done: done[at], current: at === current, open: at === open })), (item) => item.at, stepRow);
  if (open !== shown) reveal(open);
  shown = open;
}

function reveal(at) {
  const list = byId("steps");
  const row = list.children[at];
  if (row) list.scrollTo({ left: row.offsetLeft - list.offsetLeft - 16 });
}

function stepRow({ at, done, current, open }) {
  const step = STEPS[at];
  return el("li", { cls: `${done ? "done" : ""} ${open ? "open" : ""}`, "aria-current": current ? "step" : null },
    el("button", { type: "button", cls: "step", "aria-expanded": String(open), "data-focus": `step-${at}`, onclick: () => select(open ? null : at) },
      el("span", { cls: "step-sign", "aria-hidden": "true" }, done ? icon("tick") : String(at + 1)),
      step.name,
      done ? hidden(" (done)") : ""),
    open ? el("p", {}, step.words, " ", el("button", { type: "button", cls: "link", "data-focus": `go-${at}`, onclick: () => go(step) }, step.label)) : "");
}

function select(at) {
  selected = at;
  render(state.server);
}

function go(step) {
  selected = null;
  step.go();
}
