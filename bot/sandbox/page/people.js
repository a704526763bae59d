// Who one can be in a staff chat.

import { byId, el, initials, tone } from "./dom.js";

// Who somebody is in one chat: the list to choose from, their role and their picture.
export function renderPerson(name, people, user, shape = "avatar") {
  const select = byId(name);
  const print = JSON.stringify(people);
  if (select.dataset.print !== print) {
    select.dataset.print = print;
    select.replaceChildren(...byCity(people));
  }
  select.value = user;
  const me = people.find((person) => person.user === user);
  byId(`${name}-role`).textContent = about(me);
  byId(`${name}-avatar`).textContent = initials(me.name);
  byId(`${name}-avatar`).className = `${shape} ${tone(me.name)}`;
}

function byCity(people) {
  const groups = new Map();
  for (const person of people) groups.set(person.city, [...(groups.get(person.city) ?? []), person]);
  return [...groups].map(([city, members]) =>
    el("optgroup", { label: city || "Not on the list" }, members.map((person) => el("option", { value: person.user }, person.name))));
}

function about(person) {
  return person.role ? [capital(person.role), person.city, person.office].filter(Boolean).join(" · ") : "Works here, but is not on the list";
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}
