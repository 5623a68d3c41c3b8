// The GIF picker: search, kinds, suggestions, and a grid that arrow keys move in.

import { Refused, preview, search, suggestions } from "./asking.js";
import { picture } from "./pictures.js";
import { onwords, t } from "./words.js";

const [open, picker, field, chips, found, grid, more] = ["open", "picker", "q", "chips", "found", "grid", "more"].map((id) => document.getElementById(id));
const kinds = [...picker.querySelectorAll("[data-kind]")];
const TRIES = ["try_1", "try_2", "try_3", "try_4", "try_5", "try_6", "try_7"];
const WAIT_MS = 250;

const state = { text: "", kind: "gif", band: "6-9", next: "", status: ["loading", {}] };
let listeners = { search: () => undefined, send: () => undefined };
let timer, going;

/** Begin; `search` hears of every search, `send` of every item that is chosen. */
export function start(heard) {
  listeners = heard;
  field.value = t(TRIES[0]);
  look();
}

export function setBand(band) {
  state.band = band;
  look();
}

function look() {
  clearTimeout(timer);
  state.text = field.value.trim();
  state.next = "";
  going?.abort();
  going = new AbortController();
  say("loading");
  listeners.search({ ...state });
  fill(going.signal, true);
  suggest(going.signal);
}

async function fill(signal, fresh) {
  try {
    const { results, next } = await search({ ...state, pos: state.next }, signal);
    state.next = next;
    if (fresh) grid.replaceChildren();
    const first = grid.children.length;
    grid.append(...results.map(tile));
    more.hidden = !next;
    if (fresh) {
      picker.scrollTop = 0;
      rove(grid.children[0], false);
      say(results.length ? "found" : "nothing", { n: results.length + (next ? "+" : "") });
    } else rove(grid.children[first] ?? grid.lastElementChild);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (fresh) grid.replaceChildren();
    more.hidden = true;
    say(error instanceof Refused && error.status === 401 ? "no_keys" : "failed");
  }
}

/** Say why a page is empty, or that a help card is there, when the operator's side has told. */
export function explain(decision, asked) {
  if (asked.text !== state.text || asked.band !== state.band || asked.kind !== state.kind) return;
  if (decision === "block") say("blocked");
  grid.classList.toggle("helps", decision === "help");
}

function say(name, more_ = {}) {
  state.status = [name, more_];
  found.textContent = t(name, more_);
}

function tile(item) {
  const button = document.createElement("button");
  const [wide, high] = item.media_formats.tinygif.dims;
  const card = !item.tags.length && wide === 360; // help cards have no tags, and want to be read
  button.type = "button";
  button.className = `tile ${item.flags.includes("sticker") ? "sticker" : ""} ${card ? "card" : ""}`;
  button.title = item.title;
  button.tabIndex = -1;
  const shown = picture(preview(item), item.title);
  shown.width = wide;
  shown.height = high;
  button.append(shown);
  button.addEventListener("click", () => listeners.send(item));
  return button;
}

/** Make one tile the one that Tab reaches, and go there. */
function rove(to, focus = true) {
  if (!to) return;
  for (const each of grid.children) each.tabIndex = each === to ? 0 : -1;
  if (focus) to.focus();
}

function columns() {
  return getComputedStyle(grid).gridTemplateColumns.split(" ").length;
}

grid.addEventListener("keydown", (event) => {
  const tiles = [...grid.children];
  const at = tiles.indexOf(document.activeElement.closest(".tile"));
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns(), Home: -at, End: tiles.length - 1 - at };
  if (at < 0 || !(event.key in steps)) return;
  event.preventDefault();
  if (event.key === "ArrowUp" && at < columns()) field.focus();
  else rove(tiles[Math.max(0, Math.min(tiles.length - 1, at + steps[event.key]))]);
});
grid.addEventListener("focusin", (event) => rove(event.target.closest(".tile"), false));

async function suggest(signal) {
  const wanted = state.text;
  let words = [];
  try {
    words = wanted ? (await suggestions(state.band, wanted, signal)).filter((word) => word !== wanted) : [];
  } catch {
    // Suggestions are a courtesy: the grid says what is wrong.
  }
  if (!signal.aborted) offer(words);
}

function offer(words) {
  const tries = TRIES.map((name) => t(name)).filter((word) => word !== state.text);
  const row = (name, each) => [Object.assign(document.createElement("span"), { textContent: t(name) }), ...each.map(chip)];
  chips.replaceChildren(...(words.length ? row("suggested", words) : []), ...row("try", tries));
}

function chip(word) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: word });
  button.addEventListener("click", () => {
    field.value = word;
    field.focus({ preventScroll: true });
    look();
  });
  return button;
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, WAIT_MS);
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") look();
  if (event.key === "ArrowDown" && grid.children.length) {
    event.preventDefault();
    rove(grid.querySelector("[tabindex='0']") ?? grid.children[0]);
  }
});
more.addEventListener("click", () => fill(going.signal, false));
for (const button of kinds)
  button.addEventListener("click", () => {
    state.kind = button.dataset.kind;
    for (const each of kinds) each.setAttribute("aria-pressed", String(each === button));
    look();
  });

function show(opened) {
  picker.hidden = !opened;
  open.setAttribute("aria-expanded", String(opened));
  (opened ? field : open).focus();
}
open.addEventListener("click", () => show(picker.hidden));
picker.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  show(false);
});
onwords(() => {
  // A search for one of the suggested words goes on in the other language.
  say(...state.status);
  offer([]);
});
