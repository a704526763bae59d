// Talks to the sandbox: asks for the state, does what the person does, and hears that something has changed.

import { toast } from "./dom.js";

export async function read(user, colleague) {
  const answer = await fetch(`/sandbox/state?${new URLSearchParams({ user, colleague })}`);
  if (!answer.ok) throw new Error(`state: ${answer.status}`);
  return answer.json();
}

// The answer of the sandbox; a refusal is shown, and comes back as { error }.
export async function act(path, body) {
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
