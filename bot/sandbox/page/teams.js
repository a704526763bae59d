// Staff chat in Teams' look: who you are, teams and their channels, the chat with Commonline, and writing.

import { act } from "./api.js";
import { adaptive } from "./cards.js";
import { renderPerson } from "./people.js";
import { composer } from "./composer.js";
import { byId, el, hidden, icon, initials, keepEnd, showEnd, sync, tone } from "./dom.js";
import { toBase64 } from "./pictures.js";
import { choose, chosen, refresh, settled, state, watch } from "./store.js";
import { press } from "./tasks.js";
import { day, hour } from "./time.js";

const HOME = { command: "/home", words: "Your own page: your cases, clocks at risk", verbs: [] };

let shownPlace = "";
let write;

export function startTeams() {
  byId("colleague").addEventListener("change", (event) => beColleague(event.target.value));
  byId("remark-form").querySelector(".send").append(icon("send"));
  byId("compose").append(icon("plus"));
  byId("compose").addEventListener("click", compose);
  byId("file").addEventListener("change", sendFile);
  write = composer({ form: "remark-form", field: "remark", list: "remark-suggestions" }, {
    commands: () => [...state.server.teams.commands, HOME],
    seen: () => state.server.teams.channels,
    send: async (text) => {
      await settled();
      const told = await act("teams/say", { user: chosen.colleague, place: chosen.channel, text });
      await refresh();
      return told;
    },
  });
  keepEnd(byId("remarks"));
  watch(render);
}

export const prepareRemark = (words) => write.prepare(words);

export async function beColleague(colleague) {
  choose({ colleague });
  await refresh();
}

export function openChannel(channel) {
  choose({ channel });
}

async function compose() {
  await settled();
  await act("teams/compose", { user: chosen.colleague, place: chosen.channel, command: "case" });
  await refresh();
}

async function sendFile({ target }) {
  const [file] = target.files;
  if (!file) return;
  await act("teams/file", { user: chosen.colleague, name: file.name, base64: await toBase64(file) });
  target.value = "";
  await refresh();
}

function render(server) {
  const known = server.teams.user === chosen.colleague;
  // As in Slack: what is still another's cannot be pressed.
  for (const part of ["channels", "remarks"]) byId(part).inert = !known;
  if (!known) return;
  renderColleague(server);
  renderChannel(server.teams);
  renderChannels(server.teams);
}

function renderColleague({ staff }) {
  renderPerson("colleague", staff.filter((person) => person.chat === "teams"), chosen.colleague, "avatar round");
}

function renderChannels({ channels }) {
  const teams = [...new Set(channels.filter((each) => !each.personal).map((each) => each.team))];
  const items = [
    { heading: "Chat" },
    ...channels.filter((each) => each.personal).map((each) => row(each, "Commonline")),
    ...teams.flatMap((team) => [{ heading: team || "All cities" }, ...channels.filter((each) => !each.personal && each.team === team).map((each) => row(each, each.name))]),
  ];
  sync(byId("channels"), items, (item) => item.id ?? item.heading, channelRow);
  byId("teams-dot").hidden = !items.some((item) => item.fresh);
}

function row(channel, name) {
  const key = `${chosen.colleague} ${channel.id}`;
  const last = channel.messages.at(-1)?.id ?? "0";
  if (channel.id === chosen.channel) chosen.seenPosts[key] = last;
  const seen = Number(chosen.seenPosts[key] ?? 0);
  const fresh = channel.messages.filter((post) => Number(post.id) > seen && post.user !== chosen.colleague).length;
  return { id: channel.id, name, sign: channel.personal ? "app" : "hash", fresh, current: channel.id === chosen.channel };
}

function channelRow(item) {
  if (item.heading) return el("li", { cls: "heading" }, item.heading);
  return el("li", {}, el("button", {
    type: "button",
    "data-focus": item.id,
    "aria-current": item.current ? "page" : null,
    cls: item.fresh ? "fresh" : "",
    onclick: () => openChannel(item.id),
  },
    item.sign === "app" ? el("img", { src: "/sandbox/page/mark.svg", alt: "", width: 20, height: 20 }) : icon("hash"),
    el("span", { cls: "place-name" }, item.name),
    item.fresh ? el("span", { cls: "badge" }, String(item.fresh), hidden(" new")) : null));
}

function renderChannel(teams) {
  const channel = teams.channels.find((each) => each.id === chosen.channel);
  if (!channel) return;
  byId("channel-name").textContent = channel.personal ? "Commonline" : channel.name;
  byId("channel-about").textContent = channel.personal ? "App" : [channel.team, `${channel.members} ${channel.members === 1 ? "member" : "members"}`].filter(Boolean).join(" · ");
  const box = byId("remarks");
  box.classList.toggle("personal", channel.personal);
  byId("file-row").hidden = !channel.personal;
  const name = `${teams.user} ${channel.id}`;
  const other = name !== shownPlace;
  box.setAttribute("aria-busy", String(other));
  shownPlace = name;
  const rows = channel.messages.length ? withDays(channel, teams) : [{ empty: channel.personal ? "Commonline writes here when it needs you." : `This is the start of ${channel.name}.` }];
  sync(box, rows, (each) => each.id ?? each.day ?? "empty", postRow);
  showEnd(box, other);
  box.setAttribute("aria-busy", "false");
  byId("remark").placeholder = channel.personal ? "Type a message, or / for commands" : "Type / for commands, or @Commonline and a command";
}

function withDays(channel, teams) {
  const rows = [];
  let last = "";
  for (const post of channel.messages) {
    const today = day(at(post));
    if (today !== last) rows.push({ day: today });
    last = today;
    rows.push({ ...post, name: post.app ? "Commonline" : teams.people[post.user], mine: post.user === teams.user });
  }
  return rows;
}

function at(post) {
  return new Date(Number(post.id));
}

function postRow(item) {
  if (item.empty) return el("p", { cls: "empty" }, item.empty);
  if (item.day) return el("p", { cls: "day" }, item.day);
  const content = el("div", { cls: "remark-content" });
  const article = el("article", { cls: `remark ${item.private ? "private" : ""} ${item.mine ? "mine" : ""}` },
    avatar(item),
    el("div", { cls: "remark-body" },
      el("p", { cls: "remark-head" }, el("strong", {}, item.name), item.app ? el("span", { cls: "app" }, "App") : "", el("time", {}, hour(at(item))), item.edited ? el("span", {}, "Edited") : ""),
      content,
      item.private ? el("p", { cls: "only-you" }, icon("eye"), "Only you can see this") : ""));
  draw(content, item, {});
  return article;
}

function draw(content, item, errors) {
  const surface = { where: item.id, errors, pressed: (action) => press(item.id, content, action, (wrong) => draw(content, item, wrong)) };
  content.replaceChildren(...(item.card ? [el("div", { cls: "ac" }, adaptive(item.card, surface))] : [el("p", {}, item.text.replace(/<\/?at>/g, "").trim())]));
  return content;
}

function avatar(item) {
  if (item.app) return el("img", { cls: "avatar round", src: "/sandbox/page/mark.svg", alt: "", width: 32, height: 32 });
  return el("span", { cls: `avatar round ${tone(item.name)}`, "aria-hidden": "true" }, initials(item.name));
}
