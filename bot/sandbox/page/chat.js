// Staff chat in Slack's look: who you are, channels, messages, your own page, and writing.

import { act } from "./api.js";
import { blocks, mrkdwn } from "./blocks.js";
import { composer } from "./composer.js";
import { press } from "./dialogs.js";
import { byId, el, focused, hidden, icon, initials, keepEnd, restore, showEnd, sync, tone } from "./dom.js";
import { renderPerson } from "./people.js";
import { choose, chosen, refresh, settled, state, watch } from "./store.js";
import { day, hour, ofStamp } from "./time.js";

let shownPlace = "";
let shownHome = "";
let write;

export function startChat() {
  byId("persona").addEventListener("change", (event) => become(event.target.value));
  byId("say-form").querySelector(".send").append(icon("send"));
  write = composer({ form: "say-form", field: "say", list: "suggestions" }, {
    commands: () => state.server.slack.commands,
    seen: () => state.server.slack.channels.map((channel) => channel.messages.map((post) => [post.blocks, post.text])),
    send,
  });
  keepEnd(byId("posts"));
  watch(render);
}

export const prepare = (words) => write.prepare(words);

async function send(words) {
  await settled(); // whoever one has just become is not in the channel of the one before
  const told = words.startsWith("/") ? await command(words) : await act("slack/say", { user: chosen.user, channel: chosen.place, text: words });
  await refresh();
  return told;
}

function command(words) {
  const [name, ...rest] = words.split(/ /);
  return act("slack/command", { user: chosen.user, channel: chosen.place, command: name, text: rest.join(" ").trim() });
}

export async function become(user) {
  choose({ user });
  await refresh();
}

export function open(place) {
  choose({ place });
  if (place === "home") act("slack/home", { user: chosen.user });
}

function render(server) {
  const known = server.slack.user === chosen.user;
  // What stands there is still another's: nothing of it can be pressed.
  for (const part of ["places", "posts", "home"]) byId(part).inert = !known;
  if (!known) return;
  renderPersona(server);
  renderRoom(server);
  renderPlaces(server);
}

function renderPersona({ staff }) {
  renderPerson("persona", staff.filter((person) => person.chat === "slack"), chosen.user);
}

function renderPlaces({ slack }) {
  const channels = slack.channels.filter((channel) => !channel.direct);
  const direct = slack.channels.filter((channel) => channel.direct);
  const items = [
    { id: "home", name: "Home", sign: "home" },
    { heading: "Channels" },
    ...channels.map((channel) => place(channel, channel.name, channel.private ? "lock" : "hash")),
    { heading: "Apps" },
    ...direct.map((channel) => place(channel, "Commonline", "app")),
  ].map((item) => ({ ...item, current: item.id === chosen.place }));
  sync(byId("places"), items, (item) => item.id ?? item.heading, placeRow);
  byId("slack-dot").hidden = !items.some((item) => item.fresh);
}

function place(channel, name, sign) {
  const key = `${chosen.user} ${channel.id}`;
  const last = channel.messages.at(-1)?.ts ?? "0";
  if (channel.id === chosen.place) chosen.seenPosts[key] = last;
  const seen = chosen.seenPosts[key] ?? "0";
  return { id: channel.id, name, sign, fresh: channel.messages.filter((post) => post.ts > seen && post.user !== chosen.user).length };
}

function placeRow(item) {
  if (item.heading) return el("li", { cls: "heading" }, item.heading);
  return el("li", {}, el("button", {
    type: "button",
    "data-focus": item.id,
    "aria-current": item.current ? "page" : null,
    cls: item.fresh ? "fresh" : "",
    onclick: () => open(item.id),
  },
    item.sign === "app" ? el("img", { src: "/sandbox/page/mark.svg", alt: "", width: 18, height: 18 }) : icon(item.sign),
    el("span", { cls: "place-name" }, item.name),
    item.fresh ? el("span", { cls: "badge" }, String(item.fresh), hidden(" new")) : null));
}

function renderRoom({ slack }) {
  const home = chosen.place === "home";
  byId("posts").hidden = home;
  byId("say-form").hidden = home;
  byId("home").hidden = !home;
  if (home) renderHome(slack);
  else renderChannel(slack, slack.channels.find((channel) => channel.id === chosen.place));
}

function renderHome(slack) {
  byId("room-name").textContent = "Commonline";
  byId("room-about").textContent = "Your own page";
  const box = byId("home");
  const print = JSON.stringify([slack.user, slack.home?.hash]);
  if (print === shownHome) return;
  shownHome = print;
  shownPlace = "";
  const focus = focused(box);
  const surface = { where: "home", values: slack.home?.state.values, pressed: (part, block, value) => press("home", box, part, block, value) };
  box.replaceChildren(...(slack.home ? blocks(slack.home.blocks, surface) : [el("p", { cls: "empty" }, "Opening…")]));
  restore(box, focus);
}

function renderChannel(slack, channel) {
  shownHome = "";
  if (!channel) return;
  byId("room-name").textContent = channel.direct ? "Commonline" : `# ${channel.name}`;
  byId("room-about").textContent = channel.direct ? "App" : `${channel.members} members${channel.private ? " · private" : ""}`;
  const box = byId("posts");
  const name = `${slack.user} ${channel.id}`;
  const other = name !== shownPlace;
  box.setAttribute("aria-busy", String(other));
  shownPlace = name;
  const rows = channel.messages.length ? withDays(channel.messages, slack) : [{ empty: channel.direct ? "Commonline writes here when it needs you." : `This is the start of #${channel.name}.` }];
  sync(box, rows, (row) => row.ts ?? row.day ?? "empty", (row) => postRow(row));
  showEnd(box, other);
  box.setAttribute("aria-busy", "false");
  byId("say").placeholder = channel.direct ? "Message Commonline" : `Message #${channel.name}`;
}

function withDays(posts, slack) {
  const rows = [];
  let last = "";
  for (const post of posts) {
    const today = day(ofStamp(post.ts));
    if (today !== last) rows.push({ day: today });
    last = today;
    rows.push({ ...post, name: nameOf(post, slack) });
  }
  return rows;
}

function nameOf(post, slack) {
  if (post.app) return "Commonline";
  return slack.people[post.user] ?? "Slackbot";
}

function postRow(row) {
  if (row.empty) return el("p", { cls: "empty" }, row.empty);
  if (row.day) return el("p", { cls: "day" }, el("span", {}, row.day));
  const article = el("article", { cls: `post ${row.private ? "private" : ""}` });
  const surface = { where: row.ts, pressed: (part, block, value) => press(row.ts, article, part, block, value) };
  article.append(
    avatar(row),
    el("div", { cls: "post-body" },
      row.private ? el("p", { cls: "only-you" }, icon("eye"), "Only visible to you") : "",
      el("p", { cls: "post-head" }, el("strong", {}, row.name), row.app ? el("span", { cls: "app" }, "APP") : "", el("time", {}, hour(ofStamp(row.ts)))),
      el("div", { cls: "post-content" }, row.blocks.length ? blocks(row.blocks, surface) : el("p", {}, mrkdwn(row.text)), row.files.map(file)),
      row.edited ? el("p", { cls: "edited" }, "(updated)") : ""));
  return article;
}

function file(shown) {
  const link = el("a", { href: shown.url_private, download: shown.name }, icon("clip"), shown.name);
  if (!shown.alt_txt) return el("p", { cls: "file" }, link);
  return el("figure", { cls: "b-image" }, el("img", { src: shown.url_private, alt: shown.alt_txt }), el("figcaption", {}, link));
}

function avatar(row) {
  if (row.app) return el("img", { cls: "avatar", src: "/sandbox/page/mark.svg", alt: "", width: 36, height: 36 });
  return el("span", { cls: `avatar ${tone(row.name)}`, "aria-hidden": "true" }, initials(row.name));
}
