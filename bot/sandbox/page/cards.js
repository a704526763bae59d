// Adaptive Cards as nodes, from the JSON that Teams is sent.

import { el, icon } from "./dom.js";
import { state } from "./store.js";

// `surface` is { where, errors, pressed(action) }: what a button does, and what is wrong with which input.
export function adaptive(card, surface) {
  return [...(card.body ?? []).flatMap((part) => element(part, surface)), ...(card.actions?.length ? [actionSet(card.actions, surface)] : [])];
}

// What stands in the inputs below a node, by id, as Teams sends it.
export function entered(root) {
  return Object.fromEntries([...root.querySelectorAll("[data-input]")].map((node) => [node.dataset.input, valueOf(node)]));
}

export function fill(root, values) {
  for (const node of root.querySelectorAll("[data-input]")) {
    const value = values[node.dataset.input] ?? "";
    if (node.dataset.kind !== "choices") node.value = value;
    else for (const each of node.querySelectorAll("input")) each.checked = value.split(",").includes(each.value);
  }
}

const ELEMENTS = {
  TextBlock: (part) => words(part, [part.text]),
  RichTextBlock: (part) => words(part, part.inlines.map((run) => (typeof run === "string" ? run : el("span", { cls: look(run) }, run.text))), part.inlines[0]),
  FactSet: (part) => el("div", { cls: "ac-facts" }, part.facts.flatMap((fact) => [el("p", { cls: "ac-bolder" }, fact.title), el("p", {}, fact.value)])),
  ColumnSet: (part, surface) => el("div", { cls: "ac-columns" }, part.columns.map((column) => columnOf(column, surface))),
  Container: (part, surface) => el("div", { cls: `ac-container ac-${part.style ?? "default"}` }, part.items.flatMap((each) => element(each, surface))),
  ActionSet: (part, surface) => actionSet(part.actions, surface),
  Image: (part) => el("img", { cls: "ac-image", src: part.url, alt: part.altText ?? "" }),
  "Input.Text": (part, surface) => input(part, surface, textInput(part)),
  "Input.Number": (part, surface) => input(part, surface, plainInput(part, "number")),
  "Input.Date": (part, surface) => input(part, surface, plainInput(part, "date")),
  "Input.Time": (part, surface) => input(part, surface, plainInput(part, "time")),
  "Input.Toggle": (part, surface) => input(part, surface, several({ ...part, isMultiSelect: true, choices: [{ title: part.title, value: part.valueOn ?? "true" }] })),
  "Input.ChoiceSet": (part, surface) => input(part, surface, choiceSet(part)),
};

function element(part, surface) {
  if (part.separator && isBlank(part)) return [el("hr")];
  const node = (ELEMENTS[part.type] ?? unknown)(part, surface);
  return part.separator ? [el("hr"), node] : [node];
}

function isBlank(part) {
  return part.type === "RichTextBlock" && part.inlines.every((run) => !(run.text ?? run).trim());
}

function unknown(part) {
  return el("p", { cls: "ac-subtle" }, `[${part.type}]`);
}

// --- words

function words(part, content, first = part) {
  const heading = ["large", "extraLarge"].includes(lower(first.size)) && lower(first.weight) === "bolder";
  return el(heading ? "h3" : "p", { cls: `ac-text ${part.type === "TextBlock" ? look(part) : ""}` }, content);
}

function look(run) {
  const marks = [run.size && `ac-${lower(run.size)}`, run.weight && `ac-${lower(run.weight)}`, run.color && `ac-${lower(run.color)}`];
  return [...marks, run.isSubtle && "ac-subtle", run.italic && "ac-italic", run.fontType === "monospace" && "ac-mono"].filter(Boolean).join(" ");
}

function lower(word) {
  return word ? word[0].toLowerCase() + word.slice(1) : "";
}

function columnOf(column, surface) {
  const node = el("div", { cls: "ac-column" }, column.items.flatMap((each) => element(each, surface)));
  node.style.flex = Number(column.width) > 0 ? `${column.width} 1 0` : column.width === "auto" ? "0 0 auto" : "1 1 0";
  return node;
}

// --- actions

function actionSet(actions, surface) {
  const row = el("div", { cls: "ac-actions" });
  const below = el("div", { cls: "ac-below" });
  row.append(...actions.map((action) => actionOf(action, surface, below)));
  return el("div", {}, row, below);
}

function actionOf(action, surface, below) {
  const cls = `ac-button ${action.style ?? ""}`;
  if (action.type === "Action.OpenUrl") return el("a", { cls, href: safe(action.url), target: "_blank", rel: "noreferrer" }, action.title);
  if (action.type === "Action.ShowCard") return showCard(action, cls, surface, below);
  return el("button", { type: "button", cls, "data-focus": `${surface.where} ${action.title} ${JSON.stringify(action.data ?? "")}`, onclick: () => surface.pressed(action) }, action.title);
}

function showCard(action, cls, surface, below) {
  const button = el("button", { type: "button", cls, "aria-expanded": "false", "data-focus": `${surface.where} ${action.title}` }, action.title);
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") === "false";
    button.setAttribute("aria-expanded", String(open));
    below.replaceChildren(...(open ? adaptive(action.card, surface) : []));
  });
  return button;
}

function safe(url) {
  return /^https?:/.test(url) ? url : null;
}

// --- inputs

function input(part, surface, node) {
  const error = surface.errors?.[part.id];
  const group = node.dataset.kind === "choices";
  const id = `ac-${part.id}`;
  const label = [part.label ?? part.title ?? part.id, part.isRequired ? el("span", { cls: "ac-required", "aria-hidden": "true" }, " *") : null];
  node.id = id;
  if (part.isRequired && !group) node.setAttribute("aria-required", "true");
  if (error) (group ? node.querySelector("input") : node)?.setAttribute("aria-invalid", "true");
  if (error) node.setAttribute("aria-describedby", `${id}-error`);
  return el(group ? "fieldset" : "div", { cls: `ac-input ${error ? "wrong" : ""}` },
    group ? el("legend", {}, label) : el("label", { for: id }, label),
    node,
    error ? el("p", { cls: "error", id: `${id}-error` }, icon("cross"), error) : null);
}

function common(part) {
  return { "data-input": part.id, "data-focus": `ac-${part.id}`, value: part.value ?? "", maxlength: part.maxLength, placeholder: part.placeholder };
}

function textInput(part) {
  return part.isMultiline ? el("textarea", { ...common(part), rows: 4 }) : el("input", { type: "text", ...common(part) });
}

function plainInput(part, type) {
  return el("input", { type, ...common(part) });
}

function choiceSet(part) {
  if (part["choices.data"]) return menu(part, Object.entries(state.server.teams.people));
  if (part.isMultiSelect || part.style === "expanded") return several(part);
  return menu(part, part.choices.map(({ title, value }) => [value, title]));
}

function menu(part, options) {
  const node = el("select", { "data-input": part.id, "data-focus": `ac-${part.id}` },
    el("option", { value: "" }, "Choose…"), options.map(([value, title]) => el("option", { value }, title)));
  node.value = part.value ?? "";
  return node;
}

function several(part) {
  const chosen = (part.value ?? "").split(",");
  return el("div", { cls: "choices", "data-input": part.id, "data-kind": "choices" }, part.choices.map(({ title, value }, at) =>
    el("label", {},
      el("input", { type: part.isMultiSelect ? "checkbox" : "radio", name: `ac-${part.id}`, value, checked: chosen.includes(value), "data-focus": `ac-${part.id}-${at}` }),
      el("span", {}, title))));
}

function valueOf(node) {
  if (node.dataset.kind !== "choices") return node.value;
  return [...node.querySelectorAll("input:checked")].map((each) => each.value).join(",");
}
