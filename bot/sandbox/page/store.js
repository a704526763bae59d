// What the page knows: the sandbox's state, and what the person has chosen to look at.

import { read } from "./api.js";

const KEPT = "commonline-sandbox";
const AGAIN = 1000;
const saved = JSON.parse(localStorage.getItem(KEPT) ?? "{}");

export const state = { server: null, at: 0 };

export const chosen = {
  chat: "slack",
  user: "",
  place: "",
  colleague: "",
  channel: "",
  phone: "",
  line: "",
  newPhones: [],
  seenTexts: {},
  seenPosts: {},
  guide: true,
  opened: false,
  ...saved,
};

const watchers = [];

export function watch(render) {
  watchers.push(render);
}

export function choose(changes) {
  Object.assign(chosen, changes);
  localStorage.setItem(KEPT, JSON.stringify(chosen));
  renderAll();
}

let asked = null;
let next = null;

// Done when a state that was asked for after this call is shown. One question at a time: who comes meanwhile waits for
// the next, together.
export function refresh() {
  if (!asked) asked = ask().finally(() => { asked = null; });
  else next ??= asked.then(askNext, askNext);
  return next ?? asked;
}

function askNext() {
  next = null;
  return refresh();
}

async function ask() {
  const [user, colleague] = [chosen.user, chosen.colleague];
  const server = await patiently(() => read(user, colleague));
  if (user !== chosen.user || colleague !== chosen.colleague) return ask();
  return take(server);
}

async function patiently(question) {
  for (;;) {
    try {
      return await question();
    } catch {
      await new Promise((soon) => setTimeout(soon, AGAIN));
    }
  }
}

// Until what is shown is what those see whom one has chosen to be.
export async function settled() {
  const { slack, teams } = state.server;
  if (slack.user !== chosen.user || teams.user !== chosen.colleague) await refresh();
}

export function now() {
  return new Date(Date.parse(state.server.now) + performance.now() - state.at);
}

function take(server) {
  state.server = server;
  state.at = performance.now();
  settleChoices(server);
  renderAll();
}

function settleChoices(server) {
  const lines = server.cities.flatMap((city) => city.lines);
  if (!server.staff.some((person) => person.user === chosen.user)) chosen.user = server.slack.user;
  if (!server.staff.some((person) => person.user === chosen.colleague)) chosen.colleague = server.teams.user;
  if (!lines.includes(chosen.line)) chosen.line = lines[0];
  chosen.newPhones = chosen.newPhones.filter((number) => !server.phones.some((phone) => phone.number === number));
  const numbers = [...server.phones.map((phone) => phone.number), ...chosen.newPhones];
  if (!numbers.includes(chosen.phone)) chosen.phone = numbers[0];
  const places = server.slack.channels.map((channel) => channel.id);
  if (chosen.place !== "home" && !places.includes(chosen.place)) chosen.place = places[0] ?? "home";
  const channels = server.teams.channels.map((channel) => channel.id);
  if (!channels.includes(chosen.channel)) chosen.channel = channels[0];
}

function renderAll() {
  if (state.server) for (const render of watchers) render(state.server, chosen);
}
