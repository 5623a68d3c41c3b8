// Puts the parts together: whoever holds the phone has an age, and both sides follow each search.

import { panel as ask } from "./asking.js";
import * as chat from "./chat.js";
import * as panel from "./panel.js";
import * as picker from "./picker.js";
import { speak } from "./words.js";

let going;

/** Ask what the operator sees of a search, and tell the picker how its words were judged. */
async function follow(search) {
  going?.abort();
  going = new AbortController();
  panel.wait();
  try {
    const answer = await ask(search, going.signal);
    panel.show(answer);
    picker.explain(answer.query.decision, search);
  } catch (error) {
    if (error.name !== "AbortError") panel.fail();
  }
}

for (const radio of document.querySelectorAll("[name=age]"))
  radio.addEventListener("change", () => {
    picker.setBand(radio.value);
    chat.setBand(radio.value);
  });
for (const button of document.querySelectorAll("[data-language]"))
  button.addEventListener("click", () => speak(button.dataset.language));

document.querySelector("[name=age][value='6-9']").checked = true;
picker.start({ search: follow, send: chat.send });
