// Times in the cities' own zone.

import { state } from "./store.js";

const made = new Map();

function format(name, options) {
  const key = `${name} ${state.server.zone}`;
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat("en-US", { ...options, timeZone: state.server.zone }));
  return made.get(key);
}

export const hour = (date) => format("hour", { hour: "numeric", minute: "2-digit" }).format(date);
export const day = (date) => format("day", { weekday: "long", month: "long", day: "numeric" }).format(date);
export const short = (date) =>
  format("short", { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" }).format(date);
export const full = (date) =>
  format("full", {
    weekday: "short",
    month: "short",
    day: "numeric",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    second: "2-digit",
  }).format(date);

export const ofStamp = (ts) => new Date(Number(ts) * 1000);

export function until(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `in ${seconds} s`;
  if (seconds < 3600) return `in ${Math.round(seconds / 60)} min`;
  if (seconds < 86400) return `in ${Math.round(seconds / 3600)} h`;
  const days = Math.round(seconds / 86400);
  return days === 1 ? "in 1 day" : `in ${days} days`;
}
