// Writing in a staff chat: words, and slash commands with suggestions.

import { byId, el } from "./dom.js";

const CASE_WORD = /\b\p{Lu}{2,}-\d+\b/gu;

// `ids` names form, field and list; `commands` gives those that can be typed, `seen` what is before the person, and
// `send` takes the words, and gives what became of them. Gives a way to write something into the field.
export function composer(ids, { commands, seen, send }) {
  const [field, list] = [byId(ids.field), byId(ids.list)];
  let options = [];
  let active = -1;

  field.addEventListener("input", suggest);
  field.addEventListener("keydown", key);
  field.addEventListener("blur", () => setTimeout(() => document.activeElement === field || hide(), 150));
  byId(ids.form).addEventListener("submit", submit);
  return { prepare };

  function prepare(words) {
    field.value = words;
    field.focus();
    suggest();
  }

  async function submit(event) {
    event.preventDefault();
    const words = field.value.trim();
    if (!words) return;
    field.value = "";
    hide();
    const told = await send(words);
    if (told.error && !field.value) field.value = words;
  }

  function suggest() {
    options = found(field.value, commands(), seen);
    active = -1;
    draw();
  }

  function draw() {
    list.hidden = options.length === 0;
    field.setAttribute("aria-expanded", String(options.length > 0));
    list.replaceChildren(...options.map((option, at) =>
      el("li", { id: `${ids.list}-${at}`, role: "option", "aria-selected": String(at === active), onpointerdown: (event) => take(event, at) },
        el("span", { cls: "s-label" }, option.label), el("span", { cls: "s-words" }, option.words))));
    if (active >= 0) {
      field.setAttribute("aria-activedescendant", `${ids.list}-${active}`);
      list.children[active].scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }

  function key(event) {
    if (list.hidden) return;
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
}

function found(words, commands, seen) {
  const [name, verb, ...rest] = words.split(" ");
  if (!name.startsWith("/")) return [];
  if (verb === undefined) return commands.filter((each) => each.command.startsWith(name)).map((each) => ({ value: `${each.command} `, label: each.command, words: each.words }));
  const known = commands.find((each) => each.command === name);
  if (!known) return [];
  if (!rest.length) return known.verbs.filter((each) => each.usage.startsWith(verb)).map((each) => verbOption(name, each));
  const usage = known.verbs.find((each) => each.usage.split(" ")[0] === verb)?.usage ?? "";
  if (rest.length >= usage.split(" ").length) return [];
  const start = [name, verb, ...rest.slice(0, -1)].join(" ");
  return caseWords(seen()).filter((word) => word.startsWith(rest.at(-1).toUpperCase()) && word !== rest.at(-1)).map((word) => ({ value: `${start} ${word} `, label: word, words: "case" }));
}

function verbOption(name, { usage, words }) {
  const [verb, ...more] = usage.split(" ");
  return { value: `${name} ${verb}${more.length ? " " : ""}`, label: `${name} ${usage}`, words };
}

function caseWords(shown) {
  return [...new Set(JSON.stringify(shown).match(CASE_WORD) ?? [])].sort();
}
