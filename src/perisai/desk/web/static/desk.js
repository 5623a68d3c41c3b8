// Keys: J and K choose, O opens, S seals, T takes, N takes the next, H hands over, 1 2 3 choose the
// decision on a claim, / searches, ? shows them all.
// Everything here is also a button: without this file nothing is lost but time.
"use strict";

// What was sent is not sent again by a second click, and says that it is on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.getAttribute("aria-busy") === "true") return event.preventDefault();
  form.setAttribute("aria-busy", "true");
  document.getElementById("said").textContent = document.body.dataset.busy;
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
});

// Tables turn pages in place. What comes instead of one (a sign-in, a refusal) opens as a page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  if (xhr.status === 200 && xhr.responseText.includes('<div id="rows"')) return;
  event.preventDefault();
  location.assign(xhr.responseURL || pathInfo.finalRequestPath);
});
document.addEventListener("htmx:sendError", (event) => {
  location.assign(event.detail.pathInfo.finalRequestPath);
});
document.addEventListener("htmx:afterSettle", () => {
  const rows = document.getElementById("rows");
  if (document.activeElement === document.body) rows.focus({ preventScroll: true });
  if (rows.getBoundingClientRect().top < 0) rows.scrollIntoView();
  const told = rows.querySelector("#count, .empty");
  document.getElementById("said").textContent = told ? told.textContent : document.title;
});

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
    // What a page is about is sealed at once. Anything else is chosen first, also if it is alone:
    // a second press, after what was meant is sealed, must not seal the last thing that is left.
    const main = document.querySelectorAll("[data-seal-only]");
    const target = document.activeElement.closest("[data-seal]") || chosen ||
      (main.length === 1 ? main[0] : null);
    if (!target) return step(1);
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    const form = document.createElement("form");
    form.method = "post";
    form.action = target.dataset.seal;
    form.append(token.cloneNode());
    document.body.append(form);
    form.submit();
  }

  // What a key does stands on the page: a button is pressed, a form that opens is opened.
  function press(key) {
    const named = `[data-key="${key}"]`;
    const element = (chosen && chosen.querySelector(named)) ||
      [...document.querySelectorAll(`main ${named}`)].find((each) => !each.closest("tbody, li"));
    if (!element) return document.querySelector(`main ${named}`) ? step(1) : undefined;
    if (element.tagName !== "SUMMARY") return element.click();
    element.parentElement.open = true;
    element.parentElement.querySelector("select, input:not([type=hidden]), textarea").focus();
  }

  function open() {
    const link = chosen && chosen.querySelector("a");
    if (link) link.click();
    else step(1);
  }

  function search() {
    const field = document.querySelector("main input[type=search]") ||
      document.querySelector("input[type=search]");
    if (field) field.select();
  }

  function help() {
    const list = document.getElementById("keys");
    list.open = !list.open;
    if (list.open) list.scrollIntoView({ block: "nearest" });
    list.querySelector("summary").focus();
  }

  // A row that is no longer on the page is never sealed by a key.
  document.addEventListener("htmx:afterSwap", () => { chosen = null; });

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
    else if (event.key === "o") open();
    else if ("tnh".includes(event.key)) press(event.key);
    else if (event.key === "/") search();
    else if (event.key === "?") help();
    else return;
    event.preventDefault();
  });
})();
