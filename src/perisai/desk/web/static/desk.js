// Keys: S seals what is chosen, J and K choose, 1 2 3 choose the decision on a claim.
// Everything here is also a button: without this file nothing is lost but time.
"use strict";
(() => {
  if (document.body.dataset.keys !== "on") return;
  const all = () => [...document.querySelectorAll("[data-seal]")];
  const said = document.getElementById("said");
  let chosen = null;

  function choose(element) {
    if (chosen) chosen.classList.remove("chosen");
    chosen = element;
    if (!chosen) return;
    chosen.classList.add("chosen");
    chosen.scrollIntoView({ block: "nearest" });
    const link = chosen.querySelector("a, h3, h1");
    said.textContent = link ? link.textContent : "";
  }

  function step(by) {
    const every = all();
    if (!every.length) return;
    const at = every.indexOf(chosen);
    choose(every[at < 0 ? (by > 0 ? 0 : every.length - 1) : (at + by + every.length) % every.length]);
  }

  function seal() {
    const every = all();
    const target = document.activeElement.closest("[data-seal]") || chosen ||
      (every.length === 1 ? every[0] : null);
    if (!target) return step(1);
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    const form = document.createElement("form");
    form.method = "post";
    form.action = target.dataset.seal;
    form.append(token.cloneNode());
    document.body.append(form);
    form.submit();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select")) return;
    const decision = { 1: 0, 2: 1, 3: 2 }[event.key];
    const choices = document.querySelectorAll("#claim [name=outcome]");
    if (decision !== undefined && choices.length) {
      const panel = choices[0].closest("details");
      if (panel) panel.open = true;
      choices[decision].checked = true;
      document.querySelector("#claim [name=reason]").focus();
    } else if (event.key === "s" || event.key === "S") seal();
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else return;
    event.preventDefault();
  });
})();
