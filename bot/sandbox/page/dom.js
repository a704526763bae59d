// Builds nodes. Data only ever becomes text, never markup.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "value") node.value = value;
  else node.setAttribute(name === "cls" ? "class" : name, value === true ? "" : value);
}

export const byId = (id) => document.getElementById(id);

export const hidden = (words) => el("span", { cls: "hidden" }, words);

const PATHS = {
  plus: "M12 5v14M5 12h14",
  send: "M4 12 20 4l-5 16-3-7-8-1Z",
  clip: "M20 11.5 12 19.4a5 5 0 0 1-7-7L13 4.3a3.4 3.4 0 0 1 4.8 4.8l-8 7.9a1.7 1.7 0 0 1-2.4-2.4l7.3-7.2",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.2h.01",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12Zm10 3a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  home: "M4 11 12 4l8 7v9h-6v-6h-4v6H4z",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  hash: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
  lost: "M3 3l18 18M5 20v-4M10 20v-8M15 20v-3M20 20V4M15 9V8",
  close: "M6 6l12 12M18 6 6 18",
  tick: "m4 12.5 5 5L20 6.5",
  ticks: "m1.5 12.5 5 5L17 6.5M12 17.3l.6.6L23 7",
  clock: "M12 7v5l3.5 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
  cross: "M12 8v5M12 16.5h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

// Brings a list of nodes up to date: what has not changed stays, with its focus and its place.
export function sync(parent, items, keyOf, build) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => kept(old, String(keyOf(item)), item, build));
  const wanted = new Set(nodes);
  const focus = focused(parent);
  for (const node of [...parent.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, at) => {
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null);
  });
  restore(parent, focus);
}

function kept(old, key, item, build) {
  const print = JSON.stringify(item);
  const known = old.get(key);
  if (known && known.print === print) return known;
  const node = build(item);
  node.dataset.key = key;
  node.print = print;
  return node;
}

// A rebuilt part gets its focus back by the name of the control that had it.
export function focused(parent) {
  const active = document.activeElement;
  return parent.contains(active) ? active.dataset.focus : undefined;
}

export function restore(parent, focus) {
  if (focus && !parent.contains(document.activeElement)) parent.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

export function initials(name) {
  const words = name.replace(/[^\p{L} ]/gu, "").split(" ").filter(Boolean);
  return words.slice(0, 2).map((word) => word[0].toUpperCase()).join("");
}

const TONES = 8;

export function tone(words) {
  let sum = 0;
  for (const letter of words) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return `tone-${sum % TONES}`;
}

// For those who listen to the page; the others see it anyway.
export function say(words) {
  byId("said").textContent = words;
}

export function toast(words, kind = "") {
  const node = el("p", { cls: `toast ${kind}` }, words);
  byId("toasts").append(node);
  setTimeout(() => node.remove(), 6000);
}

// A thread that shows its end goes on showing it: when it grows, when a picture arrives, when the window changes.
export function keepEnd(box) {
  box.atEnd = true;
  box.addEventListener("scroll", () => { box.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80; });
  box.addEventListener("load", () => showEnd(box), true);
  new ResizeObserver(() => showEnd(box)).observe(box);
}

export function showEnd(box, always = false) {
  if (always || box.atEnd) box.scrollTop = box.scrollHeight;
}
