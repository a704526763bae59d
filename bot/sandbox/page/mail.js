// The mail that left: one line each, newest first; opened, its words.

import { byId, el, sync } from "./dom.js";
import { choose, chosen, watch } from "./store.js";
import { short } from "./time.js";

export function startMail() {
  byId("mail-toggle").addEventListener("click", () => choose({ mail: !chosen.mail }));
  watch(render);
}

function render({ mails }) {
  const open = Boolean(chosen.mail) && mails.length > 0;
  byId("mail-toggle").hidden = mails.length === 0;
  byId("mail-toggle").setAttribute("aria-expanded", String(open));
  byId("mail-count").textContent = String(mails.length);
  byId("mail").hidden = !open;
  sync(byId("mails"), mails, (mail) => mail.id, row);
}

function row(mail) {
  return el("li", {},
    el("details", {},
      el("summary", {}, el("strong", {}, mail.subject), el("span", {}, `to ${mail.to}`), el("time", { datetime: mail.at }, short(new Date(mail.at)))),
      el("pre", {}, mail.text)));
}
