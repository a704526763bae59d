// Slack's Block Kit as nodes.

import { el, icon } from "./dom.js";
import { state } from "./store.js";

const EMOJI = { warning: "⚠️", white_check_mark: "✅", bell: "🔔", rotating_light: "🚨", lock: "🔒", hourglass: "⏳", eyes: "👀" };

// `surface` is { where, pressed(element, block, value), values, errors }: what a control does, and what stands in it.
export function blocks(list, surface) {
  return list.map((block) => (BLOCKS[block.type] ?? unknown)(block, surface));
}

// The values that stand in the inputs below a node, as {block: {action: value}}.
export function typed(root) {
  const values = {};
  for (const input of root.querySelectorAll("[data-block][data-action]")) {
    const { block, action } = input.dataset;
    values[block] = { ...values[block], [action]: valueOf(input) };
  }
  return values;
}

// The same, each file that was chosen uploaded, as Slack's own client does it, and its id in its place.
export async function uploaded(root, upload) {
  const values = typed(root);
  for (const input of root.querySelectorAll("input[type=file][data-block]")) {
    const { block, action } = input.dataset;
    values[block][action] = await Promise.all([...input.files].map(upload));
  }
  return values;
}

export function mrkdwn(words) {
  return words.split(/(<[^<>]+>|`[^`\n]+`|\*[^*\n]+\*|_[^_\n]+_|~[^~\n]+~|:[a-z_]+:)/g).filter(Boolean).map(piece);
}

const BLOCKS = {
  header: (block) => el("h3", { cls: "b-header" }, textOf(block.text)),
  divider: () => el("hr"),
  section: (block, surface) =>
    el("div", { cls: "b-section" },
      block.text ? el("p", {}, textOf(block.text)) : null,
      block.fields ? pairs(block.fields) : null,
      block.accessory ? control(block.accessory, block, surface) : null),
  context: (block) =>
    el("div", { cls: "b-context" }, block.elements.map((part) => (part.type === "image" ? picture(part) : el("p", {}, textOf(part))))),
  rich_text: (block) => el("div", { cls: "b-rich" }, block.elements.map(rich)),
  actions: (block, surface) => el("div", { cls: "b-actions" }, block.elements.map((part) => control(part, block, surface))),
  image: (block) => el("figure", { cls: "b-image" }, picture(block), block.title ? el("figcaption", {}, textOf(block.title)) : null),
  input: (block, surface) => input(block, surface),
};

function unknown(block) {
  return el("p", { cls: "b-context" }, `[${block.type}]`);
}

function textOf(text) {
  return text.type === "mrkdwn" ? mrkdwn(text.text) : text.text;
}

function pairs(fields) {
  return el("div", { cls: "b-fields" }, fields.map((field) => el("p", {}, textOf(field))));
}

function picture(part) {
  return el("img", { src: part.image_url, alt: part.alt_text });
}

// --- words

function rich(part) {
  const children = (part.elements ?? []).map((each) => (each.elements ? rich(each) : word(each)));
  if (part.type === "rich_text_quote") return el("blockquote", {}, children);
  if (part.type === "rich_text_preformatted") return el("pre", {}, children);
  if (part.type === "rich_text_list") return el(part.style === "ordered" ? "ol" : "ul", {}, children.map((child) => el("li", {}, child)));
  return el("p", {}, children);
}

function word(part) {
  if (part.type === "emoji") return EMOJI[part.name] ?? `:${part.name}:`;
  if (part.type === "user") return mention(`@${state.server.slack.people[part.user_id] ?? part.user_id}`);
  if (part.type === "channel") return mention(`#${part.channel_id}`);
  if (part.type === "broadcast") return mention(`@${part.range}`);
  if (part.type === "link") return link(part.url, part.text ?? part.url);
  return styled(part.text ?? "", part.style ?? {});
}

function styled(words, style) {
  let node = words;
  for (const [name, tag] of [["bold", "strong"], ["italic", "em"], ["strike", "s"], ["code", "code"]]) {
    if (style[name]) node = el(tag, {}, node);
  }
  return node;
}

function piece(words) {
  const inner = words.slice(1, -1);
  if (words.length < 3) return plain(words);
  if (words[0] === "<" && words.at(-1) === ">") return angled(inner);
  if (words[0] === "`" && words.at(-1) === "`") return el("code", {}, plain(inner));
  if (words[0] === "*" && words.at(-1) === "*") return el("strong", {}, plain(inner));
  if (words[0] === "_" && words.at(-1) === "_") return el("em", {}, plain(inner));
  if (words[0] === "~" && words.at(-1) === "~") return el("s", {}, plain(inner));
  if (words[0] === ":" && words.at(-1) === ":") return EMOJI[inner] ?? words;
  return plain(words);
}

function angled(inner) {
  const [target, label] = inner.split("|");
  if (target.startsWith("@")) return mention(`@${state.server.slack.people[target.slice(1)] ?? target.slice(1)}`);
  if (target.startsWith("#") || target.startsWith("!")) return mention(label ?? target);
  return link(target, plain(label ?? target));
}

function plain(words) {
  return words.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function mention(words) {
  return el("span", { cls: "mention" }, words);
}

function link(url, words) {
  const safe = /^https?:/.test(url);
  return safe ? el("a", { href: url, target: "_blank", rel: "noreferrer" }, words) : words;
}

// --- controls

function control(part, block, surface) {
  if (part.type === "button") return button(part, block, surface);
  const node = field(part, block, surface, `${block.block_id}-${part.action_id}`);
  node.addEventListener("change", () => surface.pressed(part, block, valueOf(node)));
  node.setAttribute("aria-label", part.placeholder?.text ?? "Choose");
  return node;
}

function button(part, block, surface) {
  const words = part.text.text;
  if (part.url) return el("a", { cls: "slack-button", href: part.url, target: "_blank", rel: "noreferrer" }, words);
  return el("button", {
    type: "button",
    cls: `slack-button ${part.style ?? ""}`,
    "aria-label": part.accessibility_label,
    "data-focus": `${surface.where} ${block.block_id} ${part.action_id}`,
    onclick: () => surface.pressed(part, block, null),
  }, words);
}

function input(block, surface) {
  const part = block.element;
  const id = `f-${block.block_id}`;
  const error = surface.errors?.[block.block_id];
  const node = field(part, block, surface, id);
  const group = ["radio_buttons", "checkboxes", "multi_static_select"].includes(part.type);
  const described = [block.hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  const target = group ? null : node;
  if (target && described) target.setAttribute("aria-describedby", described);
  if (target && error) target.setAttribute("aria-invalid", "true");
  const label = [block.label.text, block.optional ? el("span", { cls: "optional" }, " (optional)") : null];
  return el(group ? "fieldset" : "div", { cls: `b-input ${error ? "wrong" : ""}`, "aria-describedby": group && described ? described : null },
    group ? el("legend", {}, label) : el("label", { for: id }, label),
    node,
    block.hint ? el("p", { cls: "hint", id: `${id}-hint` }, block.hint.text) : null,
    error ? el("p", { cls: "error", id: `${id}-error` }, icon("cross"), error) : null);
}

function field(part, block, surface, id) {
  const value = stands(part, block, surface);
  const common = { id, "data-block": block.block_id, "data-action": part.action_id, "data-kind": part.type, "data-focus": id };
  switch (part.type) {
    case "plain_text_input":
      return part.multiline
        ? el("textarea", { ...common, rows: 4, maxlength: part.max_length, value: value ?? "" })
        : el("input", { ...common, type: "text", maxlength: part.max_length, value: value ?? "" });
    case "datepicker":
      return el("input", { ...common, type: "date", value: value ?? "" });
    case "timepicker":
      return el("input", { ...common, type: "time", value: value ?? "" });
    case "users_select":
      return menu(common, people(), value);
    case "static_select":
      return menu(common, part.options.map((option) => [option.value, option.text.text]), value);
    case "file_input":
      return el("input", { ...common, type: "file", accept: part.filetypes?.map((type) => `.${type}`).join(",") });
    case "radio_buttons":
      return choices(common, part, "radio", [value]);
    case "checkboxes":
    case "multi_static_select":
      return choices(common, part, "checkbox", value ?? []);
    default:
      return el("p", {}, `[${part.type}]`);
  }
}

const STOOD = { plain_text_input: "value", datepicker: "selected_date", timepicker: "selected_time", users_select: "selected_user" };

function stands(part, block, surface) {
  const stood = surface.values?.[block.block_id]?.[part.action_id] ?? {};
  if (STOOD[part.type]) return stood[STOOD[part.type]];
  if (stood.selected_options) return stood.selected_options.map((option) => option.value);
  return stood.selected_option?.value;
}

function people() {
  const { people: all, bot } = state.server.slack;
  return Object.entries(all).filter(([id]) => id !== bot);
}

function menu(common, options, value) {
  const node = el("select", common, el("option", { value: "" }, "Choose…"), options.map(([id, words]) => el("option", { value: id }, words)));
  node.value = value ?? "";
  return node;
}

function choices(common, part, type, chosen) {
  return el("div", { ...common, cls: "choices" }, part.options.map((option, at) =>
    el("label", {},
      el("input", { type, name: common.id, value: option.value, checked: chosen.includes(option.value), "data-focus": `${common.id}-${at}` }),
      el("span", {}, textOf(option.text), option.description ? el("small", {}, textOf(option.description)) : null))));
}

function valueOf(node) {
  const { kind } = node.dataset;
  if (kind === "radio_buttons") return node.querySelector("input:checked")?.value ?? null;
  if (kind === "checkboxes" || kind === "multi_static_select") return [...node.querySelectorAll("input:checked")].map((each) => each.value);
  if (kind === "file_input") return null;
  return node.value || null;
}

