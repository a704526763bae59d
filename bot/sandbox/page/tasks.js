// What is pressed in Teams, and the dialogs that open over it.

import { act } from "./api.js";
import { adaptive, entered, fill } from "./cards.js";
import { byId, el, focused, icon, restore, toast } from "./dom.js";
import { chosen, refresh, state, watch } from "./store.js";

let shown = "";
let leaving = 0;

export function startTasks() {
  const task = byId("task");
  task.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  task.addEventListener("close", () => { if (shown && !task.open) close(); });
  watch(render);
}

// A button of a card was pressed: `redraw` shows the card again with what is wrong in it, and gives its node.
export async function press(where, root, action, redraw) {
  const dialog = where === "dialog";
  if (dialog && root.ariaBusy) return; // pressed twice: the next page has its own buttons
  root.ariaBusy = "true";
  const told = await act("teams/press", { user: chosen.colleague, where, button: action.data ?? action.title, values: entered(root) });
  root.ariaBusy = null;
  if (told.errors) {
    if (!root.isConnected || (dialog && !shown)) return;
    const values = entered(root);
    const again = redraw(told.errors);
    fill(again, values);
    again.querySelector(".wrong :is(input, textarea, select)")?.focus();
    return;
  }
  if (told.note) toast(told.note);
  await refresh();
}

function render({ teams }) {
  const dialog = chosen.chat === "teams" && teams.user === chosen.colleague ? teams.dialog : null;
  const task = byId("task");
  // As in Slack: no dialog until a state from after the closing is there.
  if (!dialog || leaving) {
    hide();
    return;
  }
  const print = JSON.stringify(dialog);
  if (print === shown) return;
  shown = print;
  draw(task, dialog, {});
}

function hide() {
  shown = "";
  byId("task").close();
}

function draw(task, dialog, errors) {
  const focus = focused(task);
  const body = el("div", { cls: "modal-body ac", tabindex: "0", role: "group", "aria-label": "Content" });
  const surface = { where: "dialog", errors, pressed: (action) => press("dialog", body, action, (wrong) => draw(task, dialog, wrong)) };
  body.append(...adaptive(dialog.card, surface));
  task.replaceChildren(el("div", { cls: "task" },
    el("header", {},
      el("img", { src: "/sandbox/page/mark.svg", alt: "", width: 24, height: 24 }),
      el("h2", { id: "task-title" }, dialog.title),
      el("button", { type: "button", cls: "icon-button", "aria-label": "Close", onclick: close }, icon("close"))),
    body));
  if (!task.open) task.showModal();
  restore(task, focus);
  if (!task.contains(document.activeElement) || !focus) (body.querySelector("input, textarea, select") ?? body).focus();
  return body;
}

async function close() {
  hide();
  leaving += 1;
  await act("teams/close", { user: chosen.colleague });
  await refresh();
  leaving -= 1;
  render(state.server);
}
