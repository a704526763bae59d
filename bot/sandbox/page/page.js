// Starts the page: every part draws itself whenever the sandbox says that something has changed.

import { follow } from "./api.js";
import { startChat } from "./chat.js";
import { startClock } from "./clock.js";
import { startDialogs } from "./dialogs.js";
import { byId } from "./dom.js";
import { startGuide } from "./guide.js";
import { startMail } from "./mail.js";
import { startPhones } from "./phones.js";
import { refresh, watch } from "./store.js";
import { startSwitches } from "./switches.js";
import { startTabs } from "./tabs.js";
import { startTasks } from "./tasks.js";
import { startTeams } from "./teams.js";

document.body.inert = true; // until there is something to use
watch(() => { document.body.inert = false; });
startClock();
startSwitches();
startPhones();
startChat();
startDialogs();
startTeams();
startTasks();
startTabs();
startMail();
startGuide();
follow(
  () => {
    byId("gone").hidden = true;
    refresh();
  },
  () => { byId("gone").hidden = false; },
);
