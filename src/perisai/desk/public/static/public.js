// Nothing here is needed: it makes leaving more thorough and shows a button for printing.
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
