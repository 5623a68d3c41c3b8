// The operator's panel: how the words were judged, and what became of each picture at each age.

import { age, language, onwords, t } from "./words.js";

const told = document.getElementById("told");
const BANDS = ["3-5", "6-9", "10-12", "13-15", "16-17", "adult"];
let last;

export const wait = () => told.setAttribute("aria-busy", "true");

export function show(answer) {
  last = answer;
  told.setAttribute("aria-busy", "false");
  const parts = [judged(answer.query)];
  if (answer.query.decision !== "block") parts.push(...items(answer));
  told.replaceChildren(...parts);
}

export function fail() {
  last = undefined;
  told.setAttribute("aria-busy", "false");
  told.replaceChildren(make("p", "notice", t("failed")));
}

function make(tag, name, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...children);
  return element;
}

function judged(query) {
  const box = make("div", `judged ${query.decision}`);
  const words = query.text ? make("q", "", query.text) : t("trending");
  box.append(make("p", "", `${t("query")}: `, words), make("p", "", make("strong", "", t(`d_${query.decision}`))));
  if (query.terms.length) box.append(make("ul", "", ...query.terms.map((term) => make("li", "", reading(term)))));
  for (const card of query.cards) box.append(make("p", "says", make("strong", "", `${t("help_card")}: `), card[language()]));
  return box;
}

function reading(term) {
  const name = term.written === term.text ? "term_plain" : "term";
  return t(name, { ...term, class: t(`c_${term.class}`) });
}

function items({ band, items: found, reasons }) {
  const here = (item) => item.withheld[band];
  const withheld = found.filter(here);
  const counts = t("counts", { age: age(band), shown: found.length - withheld.length, withheld: withheld.length });
  if (!found.length) return [make("p", "counts", counts)];
  const body = make("tbody", "");
  for (const item of [...withheld, ...found.filter((each) => !here(each))]) body.append(row(item, band, reasons));
  const head = make("tr", "", header(t("item"), "col"));
  for (const each of BANDS) {
    const cell = header(age(each), "col");
    cell.className = each === band ? "band now" : "band";
    head.append(cell);
  }
  return [make("p", "counts", counts), make("table", "", make("thead", "", head), body)];
}

function header(words, scope) {
  const cell = make("th", "", words);
  cell.scope = scope;
  return cell;
}

function row(item, band, reasons) {
  const rule = item.withheld[band];
  const words = make("div", "", make("p", "", item.title));
  if (rule) words.append(make("p", "why", make("span", "rule", rule), ` ${reasons[rule][language()]}`));
  const about = make("div", "about", ...(item.stand_in ? [poster(item.stand_in)] : []), words);
  const line = make("tr", rule ? "kept-row" : "", make("td", "", about));
  for (const each of BANDS) line.append(mark(item.withheld[each], each === band, reasons));
  return line;
}

function mark(rule, now, reasons) {
  const sign = make("span", `mark ${rule ? "no" : "yes"}`, rule ? "✕" : "✓");
  sign.setAttribute("aria-hidden", "true");
  const cell = make("td", now ? "band now" : "band", sign, make("span", "quiet", t(rule ? "withheld" : "shown")));
  if (rule) cell.title = `${rule}: ${reasons[rule][language()]}`;
  return cell;
}

/** The drawing that is on the list: small, grey and blurred until somebody wants to see it. */
function poster(name) {
  const image = Object.assign(new Image(), { src: new URL(name, import.meta.url).href, alt: t("stand_in") });
  const button = make("button", "poster", image);
  button.type = "button";
  button.title = t("stand_in");
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true")));
  return button;
}

onwords(() => last && show(last));
