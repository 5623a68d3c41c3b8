// The page's words in both languages. Whoever draws something from words draws it again on `onwords`.

const all = await (await fetch(new URL("words.json", import.meta.url))).json();
const listeners = [];

export const language = () => document.documentElement.lang;

/** The text called `name` in the page's language; `{x}` in it is filled from `more.x`. */
export function t(name, more = {}) {
  const text = all[name]?.[language()] ?? name;
  return text.replace(/\{(\w+)\}/g, (_, key) => more[key] ?? "");
}

/** An age band as people write it. */
export const age = (band) => (band === "adult" ? t("adult") : band.replace("-", "–"));

export function onwords(listener) {
  listeners.push(listener);
}

/** Turn the whole page into another language; what was said in the chat stays. */
export function speak(wanted) {
  document.documentElement.lang = wanted;
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const element of document.querySelectorAll("[data-t-placeholder]")) element.placeholder = t(element.dataset.tPlaceholder);
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === wanted));
  const address = new URL(location.href);
  address.searchParams.set("lang", wanted);
  history.replaceState(null, "", address);
  for (const listener of listeners) listener();
}
