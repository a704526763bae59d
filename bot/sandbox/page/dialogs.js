// Modals as Slack shows them, and the question before a button that asks first.

import { act } from "./api.js";
import { blocks, typed, uploaded } from "./blocks.js";
import { byId, el, focused, icon, restore } from "./dom.js";
import { toBase64 } from "./pictures.js";
import { chosen, refresh, watch } from "./store.js";

let shown = "";
let left = "";

export function startDialogs() {
  const modal = byId("modal");
  modal.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  modal.addEventListener("close", () => { shown = ""; });
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
    values: root === byId("modal") ? typed(root) : {},
  });
  root.removeAttribute("aria-busy");
  await refresh();
}

function render({ slack }) {
  const view = chosen.chat === "slack" && slack.user === chosen.user ? slack.modal : null;
  const modal = byId("modal");
  // A state from before the closing may arrive after it: a view that was left does not come back.
  if (!view || view.id === left) {
    if (modal.open) modal.close();
    return;
  }
  const print = JSON.stringify([view.id, view.hash, slack.errors]);
  if (print === shown) return;
  const fresh = !shown.includes(view.hash);
  shown = print;
  draw(modal, view, slack.errors, fresh ? null : typed(modal));
}

function draw(modal, view, errors, kept) {
  const focus = focused(modal);
  modal.dataset.view = view.id;
  const surface = {
    where: view.id,
    errors,
    values: view.state.values,
    pressed: (part, block, value) => press(view.id, modal, part, block, value),
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
  if (kept) fill(modal, kept);
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

// The same form again, with complaints: what was typed stays.
function fill(modal, values) {
  for (const node of modal.querySelectorAll("[data-block][data-action]")) {
    const value = values[node.dataset.block]?.[node.dataset.action];
    if (node.classList.contains("choices")) {
      for (const each of node.querySelectorAll("input")) each.checked = [value].flat().includes(each.value);
    } else if (node.type !== "file") node.value = value ?? "";
  }
}

async function submit(event, view) {
  event.preventDefault();
  const modal = byId("modal");
  modal.setAttribute("aria-busy", "true");
  const values = await uploaded(modal, upload);
  const told = await act("slack/submit", { user: chosen.user, view_id: view.id, values });
  modal.removeAttribute("aria-busy");
  if (told.errors && modal.open) {
    shown = "";
    draw(modal, view, told.errors, values);
    shown = JSON.stringify([view.id, view.hash, {}]);
  } else await refresh();
}

async function upload(file) {
  return (await act("slack/upload", { user: chosen.user, name: file.name, base64: await toBase64(file) })).id ?? "";
}

async function close() {
  const modal = byId("modal");
  left = modal.dataset.view;
  modal.close();
  await act("slack/close", { user: chosen.user });
  await refresh();
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
