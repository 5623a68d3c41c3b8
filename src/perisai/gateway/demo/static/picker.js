// The GIF picker: search, kinds, suggestions, and a grid that arrow keys move in.

import { Refused, preview, search, suggestions } from "./asking.js";
import { picture } from "./pictures.js";
import { onwords, t } from "./words.js";

const [open, picker, field, offered, chips, found, grid, more] = ["open", "picker", "q", "offered", "chips", "found", "grid", "more"].map((id) => document.getElementById(id));
const kinds = [...picker.querySelectorAll("[data-kind]")];
const TRIES = ["try_1", "try_2", "try_3", "try_4", "try_5", "try_6", "try_7"];
const WAIT_MS = 250;

const state = { text: "", kind: "gif", band: "6-9", next: "", decision: "" };
let status = () => t("loading");
let listeners = { search: () => undefined, send: () => undefined };
let timer, going;

/** Begin; `search` hears of every search, `send` of every item that is chosen. */
export function start(heard) {
  listeners = heard;
  field.value = t(TRIES[0]);
  offer();
  look();
}

export function setBand(band) {
  state.band = band;
  look();
}

function look() {
  clearTimeout(timer);
  state.text = field.value.trim();
  state.next = state.decision = "";
  going?.abort();
  going = new AbortController();
  grid.setAttribute("aria-busy", "true");
  say(() => t("loading"));
  for (const each of chips.children) each.setAttribute("aria-pressed", String(each.textContent === state.text));
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
    grid.setAttribute("aria-busy", "false");
    if (fresh) {
      picker.scrollTop = 0;
      rove(grid.children[0], false);
      say(() => summary(results.length, next));
    } else rove(grid.children[first] ?? grid.lastElementChild);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (fresh) grid.replaceChildren();
    more.hidden = true;
    grid.setAttribute("aria-busy", "false");
    say(() => t(error instanceof Refused && error.status === 401 ? "no_keys" : "failed"));
  }
}

/** Hear how the words were judged: why a page is empty, or that a help card is there. */
export function explain(decision, asked) {
  if (asked.text !== state.text || asked.band !== state.band || asked.kind !== state.kind) return;
  state.decision = decision;
  say(status);
}

function summary(count, next) {
  const n = count ? t("found", { n: count + (next ? "+" : "") }) : t("nothing");
  const more_ = { block: t("blocked"), help: t("helped") }[state.decision];
  return more_ ? `${n} ${more_}` : n;
}

function say(words) {
  status = words;
  if (found.textContent !== words()) found.textContent = words();
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
  let words = [];
  try {
    if (state.text) words = await suggestions(state.band, state.text, signal);
  } catch {
    // Suggestions are a courtesy: the grid says what is wrong.
  }
  const option = (word) => Object.assign(document.createElement("option"), { value: word });
  if (!signal.aborted) offered.replaceChildren(...words.filter((word) => word !== state.text).map(option));
}

function chip(word) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: word });
  button.setAttribute("aria-pressed", String(word === state.text));
  button.addEventListener("click", () => {
    field.value = word;
    look();
  });
  return button;
}

function offer() {
  const label = Object.assign(document.createElement("span"), { textContent: t("try") });
  chips.replaceChildren(label, ...TRIES.map((name) => chip(t(name))));
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
  offer();
  say(status);
  look(); // help cards, too, are in the page's language
});
