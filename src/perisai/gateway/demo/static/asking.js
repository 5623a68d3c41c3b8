// What the page asks of the gateway: the same as any picker of Tenor's shape, and the demo's own two.

import { language } from "./words.js";

const root = new URL("../", import.meta.url);
const viewers = new Map();

export class Refused extends Error {
  constructor(status) {
    super(`status ${status}`);
    this.status = status;
  }
}

async function get(path, parameters, options = {}) {
  const address = new URL(path, root);
  for (const [name, value] of Object.entries(parameters)) if (value) address.searchParams.set(name, value);
  const answer = await fetch(address, options);
  if (!answer.ok) throw new Refused(answer.status);
  return answer.json();
}

/** The key and, for the ages that have no key here, the header that the app's own server signs. */
async function viewer(band) {
  const known = viewers.get(band);
  if (known && (!known.expires || known.expires - 60 > Date.now() / 1000)) return known;
  const made = await get("demo/viewer", { band });
  viewers.set(band, made);
  return made;
}

async function ask(path, band, parameters, signal) {
  const who = await viewer(band);
  const headers = who.age ? { "X-Perisai-Age": who.age } : {};
  const locale = language() === "id" ? "id_ID" : "en_US";
  return get(path, { key: who.key, locale, ...parameters }, { headers, signal });
}

/** A page of items for an age: what `text` finds, or what is new. */
export function search({ band, text, kind, pos }, signal) {
  const searchfilter = kind === "sticker" ? "sticker" : "";
  const path = text ? "v2/search" : "v2/featured";
  return ask(path, band, { q: text, searchfilter, pos, limit: "24", media_filter: "gif,tinygif" }, signal);
}

/** Words that go on from `text`. */
export async function suggestions(band, text, signal) {
  return (await ask("v2/autocomplete", band, { q: text, limit: "5" }, signal)).results;
}

/** Those of the items with these ids that this age may see, by id. */
export async function items(band, ids) {
  if (!ids.length) return new Map();
  const { results } = await ask("v2/posts", band, { ids: ids.join(","), media_filter: "gif,tinygif" });
  return new Map(results.map((item) => [item.id, item]));
}

/** Tell that an item was sent, as Tenor's clients do; the gateway only counts it. */
export const shared = (band, id) => ask("v2/registershare", band, { id }).catch(() => undefined);

export const panel = ({ band, text, kind }, signal) => get("demo/panel", { band, q: text, kind }, { signal });

/** The address of an item's preview, on this origin. */
export function preview(item) {
  const address = new URL(item.media_formats.tinygif.url);
  return address.pathname + address.search;
}
