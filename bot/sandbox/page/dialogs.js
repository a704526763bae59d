// Modals as Slack shows them, and the question before a button that asks first.

import { act } from "./api.js";
import { blocks, typed, uploaded } from "./blocks.js";
import { byId, el, focused, icon, restore } from "./dom.js";
import { toBase64 } from "./pictures.js";
import { chosen, refresh, state, watch } from "./store.js";

let shown = "";
let drawn = null;
let leaving = 0;
let submitted = null;

export function startDialogs() {
  const modal = byId("modal");
  modal.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  // Chromium closes without asking when nothing was done between two presses of Escape.
  modal.addEventListener("close", () => { if (shown && !modal.open) close(); });
  watch(render);
}

// A control was used: ask first where the button says so, then tell the sandbox, with what stands in the fields.
export async function press(where, root, part, block, value) {
  if (part.confirm && !(await confirmed(part.confirm))) return;
  root.setAttribute("aria-busy", "true");
  await act("slack/press", {
    user: chosen.user,
    where,
    action_id: part.action_id,
    block_id: block.block_id,
    value,
    values: byId("modal").contains(root) ? typed(root) : {},
  });
  root.removeAttribute("aria-busy");
  await refresh();
}

function render({ slack }) {
  const view = chosen.chat === "slack" && slack.user === chosen.user ? slack.modal : null;
  const modal = byId("modal");
  // A state from before the closing may arrive after it: until one from after it is there, no view is shown.
  if (!view || leaving) {
    hide();
    return;
  }
  const print = JSON.stringify([view.id, view.hash, slack.errors]);
  if (print === shown) return;
  shown = print;
  draw(modal, view, slack.errors);
}

function hide() {
  shown = "";
  byId("modal").close();
}

function draw(modal, view, errors) {
  const focus = focused(modal);
  const kept = modal.open && drawn.id === view.id ? { values: typed(modal), files: files(modal) } : null;
  const surface = {
    where: view.id,
    errors,
    values: view.state.values,
    pressed: (part, block, value) => press(view.id, form, part, block, value),
  };
  const form = el("form", { novalidate: true, onsubmit: (event) => submit(event, view) },
    el("header", {},
      el("img", { src: "/sandbox/page/mark.svg", alt: "", width: 24, height: 24 }),
      el("h2", { id: "modal-title" }, view.title.text),
      el("button", { type: "button", cls: "icon-button", "aria-label": "Close", onclick: close }, icon("close"))),
    el("div", { cls: "modal-body", tabindex: "0", role: "group", "aria-label": "Content" }, blocks(view.blocks, surface)),
    el("footer", {},
      el("button", { type: "button", cls: "slack-button", onclick: close }, view.close?.text ?? "Close"),
      view.submit ? el("button", { type: "submit", cls: "slack-button primary" }, view.submit.text) : null));
  modal.replaceChildren(form);
  if (kept) fill(modal, kept, view.hash === drawn.hash);
  drawn = view;
  if (!modal.open) modal.showModal();
  placeFocus(modal, focus, errors);
}

function placeFocus(modal, focus, errors) {
  const wrong = Object.keys(errors).length ? modal.querySelector(".wrong :is(input, textarea, select)") : null;
  const first = modal.querySelector(".modal-body :is(input, textarea, select)") ?? modal.querySelector("footer .primary") ?? modal.querySelector(".modal-body");
  if (wrong) wrong.focus();
  else if (focus) restore(modal, focus);
  if (!modal.contains(document.activeElement) || (!focus && !wrong)) (wrong ?? first).focus();
}

// The same form again, with complaints or changed: what was typed stays, in a changed one where its fields are still there.
function fill(modal, { values, files }, same) {
  for (const node of modal.querySelectorAll("[data-block][data-action]")) {
    const value = values[node.dataset.block]?.[node.dataset.action];
    if (!same && !(value?.length && offered(node, [value].flat()))) continue;
    if (node.classList.contains("choices")) {
      for (const each of node.querySelectorAll("input")) each.checked = [value].flat().includes(each.value);
    } else if (node.type === "file") node.files = files[node.id];
    else node.value = value ?? "";
  }
}

function files(modal) {
  return Object.fromEntries([...modal.querySelectorAll("input[type=file]")].map((node) => [node.id, node.files]));
}

function offered(node, values) {
  const options = [...node.querySelectorAll("option, input")].map((each) => each.value);
  return options.length === 0 || values.every((value) => options.includes(value));
}

async function submit(event, view) {
  event.preventDefault();
  const form = event.currentTarget;
  if (form === submitted) return; // pressed twice
  submitted = form;
  form.ariaBusy = "true";
  const values = await uploaded(form, upload);
  const told = await act("slack/submit", { user: chosen.user, view_id: view.id, values });
  form.ariaBusy = null;
  submitted = null;
  if (told.errors) {
    if (shown && form.isConnected) draw(byId("modal"), view, told.errors);
    return;
  }
  if (shown && form.querySelector(".wrong")) shown = "submitted"; // complaints like those before are drawn again
  await refresh();
}

async function upload(file) {
  return (await act("slack/upload", { user: chosen.user, name: file.name, base64: await toBase64(file) })).id ?? "";
}

async function close() {
  hide();
  leaving += 1;
  await act("slack/close", { user: chosen.user });
  await refresh();
  leaving -= 1;
  render(state.server);
}

function confirmed(question) {
  const dialog = byId("confirm");
  return new Promise((decide) => {
    dialog.replaceChildren(el("form", { method: "dialog" },
      el("header", {}, el("h2", { id: "confirm-title" }, question.title.text)),
      el("div", { cls: "modal-body" }, el("p", {}, question.text.text)),
      el("footer", {},
        el("button", { cls: "slack-button", value: "no" }, question.deny.text),
        el("button", { cls: `slack-button ${question.style ?? "primary"}`, value: "yes", autofocus: true }, question.confirm.text))));
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => decide(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}
