// Nothing here is needed: it makes leaving more thorough, shows a button for printing, and lets what
// is sent arrive sooner.
"use strict";

const exit = document.getElementById("exit");
exit?.addEventListener("click", (event) => {
  event.preventDefault();
  document.body.replaceChildren(); // gone at once, however slow the network is
  location.replace(exit.href);
});

// A page that the browser had kept for "back" is asked for again, without what was typed into it.
addEventListener("pageshow", (event) => event.persisted && location.reload());

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// While somebody writes, the browser computes for a moment: what comes with it need not wait.
const work = document.getElementById("work");
if (work && isSecureContext && "Worker" in globalThis) {
  const worker = new Worker(work.dataset.worker);
  worker.addEventListener("message", (event) => {
    work.value = event.data;
  });
  worker.postMessage(work.dataset.challenge);
}
