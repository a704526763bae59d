// Who one can be in a staff chat.

import { el } from "./dom.js";

export function byCity(people) {
  const groups = new Map();
  for (const person of people) groups.set(person.city, [...(groups.get(person.city) ?? []), person]);
  return [...groups].map(([city, members]) =>
    el("optgroup", { label: city || "Not on the list" }, members.map((person) => el("option", { value: person.user }, person.name))));
}

export function about(person) {
  return person.role ? [capital(person.role), person.city, person.office].filter(Boolean).join(" · ") : "Works here, but is not on the list";
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}
