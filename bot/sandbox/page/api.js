// Talks to the sandbox: asks for the state, does what the person does, and hears that something has changed.

import { toast } from "./dom.js";

export async function read(user, colleague) {
  const answer = await fetch(`/sandbox/state?${new URLSearchParams({ user, colleague })}`);
  if (!answer.ok) throw new Error(`state: ${answer.status}`);
  return answer.json();
}

let last = Promise.resolve();

// The answer of the sandbox; a refusal is shown, and comes back as { error }. One after the other: requests that are
// under way together may arrive in any order, and a form closed after the next was opened would close that one.
export function act(path, body) {
  last = last.then(() => post(path, body));
  return last;
}

async function post(path, body) {
  try {
    const answer = await fetch(`/sandbox/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (told.error) toast(told.error, "bad");
    return told;
  } catch {
    toast("The sandbox does not answer. Is it still running?", "bad");
    return { error: "unreachable" };
  }
}

export function follow(changed, gone) {
  const events = new EventSource("/sandbox/events");
  events.addEventListener("changed", changed);
  events.addEventListener("error", gone);
}
