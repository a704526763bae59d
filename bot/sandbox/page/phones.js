// The phones: which one and whose line, the thread between them, and writing a text.

import { act } from "./api.js";
import { byId, el, hidden, icon, initials, keepEnd, showEnd, sync, toast, tone } from "./dom.js";
import { samplePicture, toBase64 } from "./pictures.js";
import { segments } from "./segments.js";
import { choose, chosen, now, state, watch } from "./store.js";
import { day, hour } from "./time.js";

const TIPS = [
  ["A tip", "Overtime is being signed off for crews that never showed up at the north depot."],
  ["En español", "Quiero reportar algo: piden dinero para aprobar permisos de construcción."],
  ["Danger", "He said he will bring a gun to the office tomorrow."],
  ["Status", "STATUS"],
  ["Stop", "STOP"],
];
// Sample texts by what the line is for; the hotline's where it is for something new.
const IDEAS = {
  "exit interview": [["Go on", "1"], ["Who sees it?", "WHO"], ["Skip", "SKIP"], ["Later", "LATER 6PM"], ["Stop", "STOP"]],
  enrolment: [["Enrol", "1"], ["Courses", "COURSES"], ["Status", "STATUS"], ["Give it up", "DROP"], ["Stop", "STOP"]],
};
const STATES = {
  queued: ["clock", "Queued"],
  sent: ["tick", "Sent"],
  delivered: ["ticks", "Delivered"],
  kept: ["clock", "Kept by the provider: the line could not be reached"],
  failed: ["cross", "Not delivered"],
  undelivered: ["cross", "Not delivered"],
};
const FIRST_NEW = 8165550151;

let attached = [];
let shownThread = "";
let locked = false;

export function startPhones() {
  decorate();
  keepEnd(byId("texts"));
  byId("number").addEventListener("change", (event) => choose({ phone: event.target.value }));
  byId("new-phone").addEventListener("click", addPhone);
  byId("lose-text").addEventListener("click", loseNext);
  byId("lock").addEventListener("click", toggleLock);
  byId("text-form").addEventListener("submit", send);
  byId("text").addEventListener("input", count);
  byId("text").addEventListener("keydown", sendOnEnter);
  byId("picture").addEventListener("change", attachChosen);
  byId("sample-picture").addEventListener("click", attachSample);
  watch(render);
  count();
}

export function write(words) {
  const field = byId("text");
  field.value = words;
  count();
  field.focus();
}

function decorate() {
  byId("new-phone").append(icon("plus"));
  byId("lose-text").append(icon("lost"));
  byId("picture").after(icon("clip"));
  byId("sample-picture").append(icon("picture"));
  byId("text-form").querySelector(".send").append(icon("send"));
}

// --- what is shown

function render(server) {
  renderNumbers(server);
  renderLines(server);
  renderThread(server);
  renderElsewhere(server);
  renderLock(server);
}

function phones(server) {
  const fresh = chosen.newPhones.map((number) => ({ number, name: "New phone", paged: false }));
  return [...server.phones, ...fresh];
}

function renderNumbers(server) {
  const select = byId("number");
  const print = JSON.stringify(phones(server));
  if (select.dataset.print !== print) {
    select.dataset.print = print;
    const option = (phone) => el("option", { value: phone.number }, `${phone.name} · ${pretty(phone.number)}`);
    const groups = [["People who text", false], ["Phones of the desks", true]];
    select.replaceChildren(...groups.map(([label, paged]) =>
      el("optgroup", { label }, phones(server).filter((phone) => phone.paged === paged).map(option))));
  }
  select.value = chosen.phone;
}

function renderLines(server) {
  const current = cityOf(server);
  const program = current.programs[chosen.line];
  const cities = server.cities.filter((city) => city.lines.length).map(({ name, lines, programs }) => ({ name, lines, programs, program }));
  sync(byId("lines"), cities, ({ name }) => name, cityPill);
  check(byId("lines"), current.name);
  const several = current.lines.length > 1;
  byId("programs").hidden = !several;
  sync(byId("programs"), several ? current.lines.map((line) => ({ line, words: current.programs[line] })) : [], ({ line }) => line, ({ line, words }) =>
    el("label", { cls: "pill plain" },
      el("input", { type: "radio", name: "program", value: line, "data-focus": line, onchange: () => choose({ line }) }),
      el("span", {}, words)));
  check(byId("programs"), chosen.line);
  sync(byId("ideas"), IDEAS[program] ?? TIPS, ([name]) => name, ([name, words]) => el("button", { type: "button", onclick: () => write(words) }, name));
}

function cityPill({ name, lines, programs, program }) {
  const line = lines.find((each) => programs[each] === program) ?? lines[0];
  return el("label", { cls: "pill" },
    el("input", { type: "radio", name: "city", value: name, "data-focus": name, onchange: () => choose({ line }) }),
    el("span", { cls: `seal small ${tone(name)}`, "aria-hidden": "true" }, initials(name)),
    el("span", {}, name));
}

function check(box, value) {
  for (const radio of box.querySelectorAll("input")) radio.checked = radio.value === value;
}

function cityOf(server) {
  return server.cities.find((each) => each.lines.includes(chosen.line));
}

function renderThread(server) {
  const city = cityOf(server);
  byId("line-name").textContent = `${city.name} line`;
  byId("line-number").textContent = pretty(chosen.line);
  const seal = byId("line-seal");
  seal.textContent = initials(city.name);
  seal.className = `seal ${tone(city.name)}`;
  const box = byId("texts");
  const name = `${chosen.phone} ${chosen.line}`;
  const other = name !== shownThread;
  box.setAttribute("aria-busy", String(other));
  shownThread = name;
  const thread = messagesOf(server, chosen.phone, chosen.line);
  sync(box, thread.length ? withDays(thread) : [{ empty: city.name }], (item) => item.sid ?? item.day ?? "empty", row);
  showEnd(box, other);
  box.setAttribute("aria-busy", "false");
  chosen.seenTexts[name] = thread.length;
}

function messagesOf(server, phone, line) {
  return server.messages.filter((message) => message.phone === phone && message.line === line);
}

function withDays(thread) {
  const rows = [];
  let last = "";
  for (const message of thread) {
    const today = day(new Date(message.created));
    if (today !== last) rows.push({ day: today });
    last = today;
    rows.push(message);
  }
  return rows;
}

function row(item) {
  if (item.empty) return el("p", { cls: "empty" }, `Nothing here yet. Text ${item.empty} anything: it needs no app and no account.`);
  if (item.day) return el("p", { cls: "day" }, item.day);
  const late = ["failed", "undelivered"].includes(item.status);
  return el("div", { cls: `text ${item.inbound ? "mine" : "theirs"} ${late ? "lost" : ""}` },
    hidden(item.inbound ? "Phone: " : "City line: "),
    item.media.map((media) => picture(item, media)),
    item.body ? el("p", { cls: "bubble" }, item.body) : null,
    el("p", { cls: "meta" }, meta(item)));
}

function picture(item, media) {
  return el("img", { cls: "mms", src: `/sandbox/media/${item.sid}/${media.number}`, alt: "Picture sent by MMS" });
}

function meta(item) {
  const [name, words] = STATES[item.status] ?? ["clock", item.status];
  const parts = item.media.length ? "MMS" : `${item.segments} ${item.segments === 1 ? "segment" : "segments"}`;
  const visible = ["queued", "sent", "delivered"].includes(item.status) ? hidden(words) : ` ${words}`;
  const code = item.error_code ? ` (${item.error_code})` : "";
  return [`${hour(new Date(item.created))} · ${parts} `, el("span", { cls: `state ${item.status}`, title: words }, icon(name), visible, code)];
}

// Other phones that were texted meanwhile: a desk's contact is paged, a second reporter is answered.
function renderElsewhere(server) {
  const news = threads(server).filter((thread) => thread.fresh > 0 && thread.key !== shownThread);
  const box = byId("elsewhere");
  box.hidden = news.length === 0;
  sync(box, news, (thread) => thread.key, (thread) =>
    el("button", { type: "button", "data-focus": thread.key, onclick: () => choose({ phone: thread.phone, line: thread.line }) },
      el("span", { cls: "dot" }), `${thread.name} · ${thread.fresh} new`));
}

function threads(server) {
  const counts = new Map();
  for (const message of server.messages) {
    const key = `${message.phone} ${message.line}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, total]) => {
    const [phone, line] = key.split(" ");
    const name = phones(server).find((each) => each.number === phone)?.name ?? pretty(phone);
    return { key, phone, line, name, fresh: total - (chosen.seenTexts[key] ?? 0) };
  });
}

function toggleLock() {
  locked = !locked;
  byId("lock").setAttribute("aria-pressed", String(locked));
  byId("lock").textContent = locked ? "Unlock" : "Lock screen";
  renderLock(state.server);
}

function renderLock(server) {
  const screen = byId("lock-screen");
  byId("device").classList.toggle("locked", locked);
  screen.hidden = !locked;
  if (!locked) return;
  const last = messagesOf(server, chosen.phone, chosen.line).filter((message) => !message.inbound).at(-1);
  const at = now();
  screen.replaceChildren(
    el("p", { cls: "lock-time" }, hour(at).replace(/ [AP]M/, "")),
    el("p", { cls: "lock-day" }, day(at)),
    last
      ? el("div", { cls: "notice" }, el("p", { cls: "notice-from" }, "Messages · ", pretty(chosen.line)), el("p", { cls: "notice-text" }, last.body))
      : el("p", { cls: "lock-none" }, "No messages"));
}

function pretty(number) {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return parts ? `(${parts[1]}) ${parts[2]}-${parts[3]}` : number;
}

// --- what the person does

function addPhone() {
  const known = new Set(phones(state.server).map((phone) => phone.number));
  let number = FIRST_NEW;
  while (known.has(`+1${number}`)) number += 1;
  choose({ phone: `+1${number}`, newPhones: [...chosen.newPhones, `+1${number}`] });
  byId("text").focus();
}

async function loseNext() {
  const told = await act("twilio/fault", { next: "lost" });
  if (!told.error) toast("The next text from a city will not reach its phone.");
}

function count() {
  const field = byId("text");
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 132)}px`;
  const { size, count: number, encoding } = segments(field.value);
  byId("count").textContent = attached.length
    ? `MMS with ${attached.length} ${attached.length === 1 ? "picture" : "pictures"}`
    : `${size} characters · ${number} ${number === 1 ? "segment" : "segments"} · ${encoding}`;
}

function sendOnEnter(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("text-form").requestSubmit();
  }
}

async function send(event) {
  event.preventDefault();
  const field = byId("text");
  const [body, media] = [field.value, attached];
  if (!body.trim() && !media.length) return;
  field.value = "";
  attached = [];
  renderAttached();
  const told = await act("text", { from: chosen.phone, to: chosen.line, body, media: media.map(({ type, base64 }) => ({ type, base64 })) });
  if (told.error && !field.value) {
    field.value = body;
    attached = media;
    renderAttached();
  }
}

async function attachChosen(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) attach(file.name, file);
}

async function attachSample() {
  attach("receipt.jpg", await samplePicture());
}

async function attach(name, blob) {
  const base64 = await toBase64(blob);
  attached = [...attached, { name, type: blob.type, base64 }]; // what is attached by now: one may have been sent meanwhile
  renderAttached();
  byId("text").focus();
}

function renderAttached() {
  const box = byId("attached");
  box.hidden = attached.length === 0;
  box.replaceChildren(...attached.map((picture) =>
    el("span", { cls: "chip" },
      el("img", { src: `data:${picture.type};base64,${picture.base64}`, alt: "" }),
      picture.name,
      el("button", { type: "button", onclick: () => detach(picture) }, icon("close"), hidden(`Remove ${picture.name}`)))));
  count();
}

function detach(picture) {
  attached = attached.filter((each) => each !== picture);
  renderAttached();
  byId("text").focus();
}
