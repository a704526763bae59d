// Writing in the staff chat: words, and slash commands with suggestions.

import { act } from "./api.js";
import { byId, el } from "./dom.js";
import { chosen, refresh, state } from "./store.js";

const CASE_WORD = /\b\p{Lu}{2,}-\d+\b/gu;

let options = [];
let active = -1;

export function startComposer() {
  const field = byId("say");
  field.addEventListener("input", suggest);
  field.addEventListener("keydown", key);
  field.addEventListener("blur", () => setTimeout(hide, 150));
  byId("say-form").addEventListener("submit", send);
}

export function prepare(words) {
  const field = byId("say");
  field.value = words;
  field.focus();
  suggest();
}

async function send(event) {
  event.preventDefault();
  const field = byId("say");
  const words = field.value.trim();
  if (!words) return;
  field.value = "";
  hide();
  const told = words.startsWith("/") ? await command(words) : await act("slack/say", { user: chosen.user, channel: chosen.place, text: words });
  if (told.error && !field.value) field.value = words;
  await refresh();
}

function command(words) {
  const [name, ...rest] = words.split(/ /);
  return act("slack/command", { user: chosen.user, channel: chosen.place, command: name, text: rest.join(" ").trim() });
}

// --- suggestions

function suggest() {
  options = found(byId("say").value);
  active = -1;
  draw();
}

function found(words) {
  const { commands } = state.server.slack;
  const [name, verb, ...rest] = words.split(" ");
  if (!name.startsWith("/")) return [];
  if (verb === undefined) return commands.filter((each) => each.command.startsWith(name)).map((each) => ({ value: `${each.command} `, label: each.command, words: each.words }));
  const known = commands.find((each) => each.command === name);
  if (!known) return [];
  if (!rest.length) return known.verbs.filter((each) => each.usage.startsWith(verb)).map((each) => verbOption(name, each));
  const usage = known.verbs.find((each) => each.usage.split(" ")[0] === verb)?.usage ?? "";
  if (rest.length >= usage.split(" ").length) return [];
  const start = [name, verb, ...rest.slice(0, -1)].join(" ");
  return caseWords().filter((word) => word.startsWith(rest.at(-1).toUpperCase()) && word !== rest.at(-1)).map((word) => ({ value: `${start} ${word} `, label: word, words: "case" }));
}

function verbOption(name, { usage, words }) {
  const [verb, ...more] = usage.split(" ");
  return { value: `${name} ${verb}${more.length ? " " : ""}`, label: `${name} ${usage}`, words: words.replaceAll("`", "") };
}

function caseWords() {
  const seen = JSON.stringify(state.server.slack.channels.map((channel) => channel.messages.map((post) => [post.blocks, post.text])));
  return [...new Set(seen.match(CASE_WORD) ?? [])].sort();
}

function draw() {
  const list = byId("suggestions");
  const field = byId("say");
  list.hidden = options.length === 0;
  field.setAttribute("aria-expanded", String(options.length > 0));
  list.replaceChildren(...options.map((option, at) =>
    el("li", { id: `suggestion-${at}`, role: "option", "aria-selected": String(at === active), onpointerdown: (event) => take(event, at) },
      el("span", { cls: "s-label" }, option.label), el("span", { cls: "s-words" }, option.words))));
  if (active >= 0) {
    field.setAttribute("aria-activedescendant", `suggestion-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  } else field.removeAttribute("aria-activedescendant");
}

function key(event) {
  if (byId("suggestions").hidden) return;
  if (event.key === "ArrowDown") step(event, 1);
  else if (event.key === "ArrowUp") step(event, -1);
  else if (event.key === "Tab" && !event.shiftKey) take(event, Math.max(active, 0));
  else if (event.key === "Enter" && active >= 0) take(event, active);
  else if (event.key === "Escape") {
    event.preventDefault();
    hide();
  }
}

function step(event, by) {
  event.preventDefault();
  active = (active + by + options.length + (active < 0 && by < 0 ? 1 : 0)) % options.length;
  draw();
}

function take(event, at) {
  event.preventDefault();
  prepare(options[at].value);
}

function hide() {
  options = [];
  active = -1;
  draw();
}
