// The conversation. What is sent is looked up again for who receives it: an age sees its own.

import { items, preview, shared } from "./asking.js";
import { picture } from "./pictures.js";
import { age, onwords, t } from "./words.js";

const log = document.getElementById("log");
const recipient = document.getElementById("recipient");
const NS = "http://www.w3.org/2000/svg";
const sent = [];
let mine = "6-9";

/** Send an item: on the phone at once, on the other one as soon as it is known what is seen there. */
export async function send(item) {
  shared(mine, item.id);
  const entry = { item, own: text("div", "mine", ""), other: text("div", "theirs", "") };
  const row = text("li", "pair", "");
  sent.push(entry);
  row.append(entry.other, entry.own);
  log.append(row);
  await refresh();
  log.scrollTop = log.scrollHeight;
}

export function setBand(band) {
  mine = band;
  refresh();
}

async function refresh() {
  const ids = [...new Set(sent.map((entry) => entry.item.id))];
  if (!ids.length) return;
  const bands = [mine, recipient.value];
  const [own, other] = await Promise.all(bands.map((band) => items(band, ids).catch(() => new Map())));
  if (bands[0] !== mine || bands[1] !== recipient.value) return; // changed meanwhile: a later call draws
  for (const entry of sent) {
    draw(entry.own, own.get(entry.item.id), t("you_see"), mine, "kept_you");
    draw(entry.other, other.get(entry.item.id), t("they_see", { age: age(bands[1]) }), bands[1], "kept_why");
  }
}

function draw(side, item, where, band, why) {
  const told = text("p", "where", where);
  const inner = text("div", "bubble", "");
  if (item) {
    const shown = picture(preview(item), item.title);
    [shown.width, shown.height] = item.media_formats.tinygif.dims;
    inner.append(shown);
    if (item.attribution && side.className === "mine") inner.append(text("p", "thanks", t("thanks", { who: `${item.attribution} (${item.licence})` })));
  } else {
    inner.classList.add("kept");
    const words = text("div", "", "");
    words.append(text("strong", "", t("kept_from", { age: age(band) })), text("small", "", t(why)));
    inner.append(shield(), words);
  }
  side.replaceChildren(told, inner);
}

function text(tag, name, words) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = words;
  return element;
}

function shield() {
  const drawing = document.createElementNS(NS, "svg");
  const path = document.createElementNS(NS, "path");
  drawing.setAttribute("viewBox", "0 0 48 48");
  drawing.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M24 3 6 10v13c0 11 7.500 18.500 18 22 10.500-3.500 18-11 18-22V10z M15 17l18 14M33 17 15 31");
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "4");
  drawing.append(path);
  return drawing;
}

recipient.addEventListener("change", refresh);
onwords(refresh);
