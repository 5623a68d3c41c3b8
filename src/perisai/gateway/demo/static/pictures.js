// Pictures that move, or stand still where somebody prefers that.

const box = document.querySelector("#motion");
const prefers = matchMedia("(prefers-reduced-motion: reduce)");

/** An <img>, or while moving pictures are off a <canvas> with its first frame. */
export function picture(address, words) {
  const image = new Image();
  image.alt = words;
  image.src = address;
  image.dataset.picture = "";
  if (!box.checked) image.decode().then(() => still(image), () => undefined);
  return image;
}

function still(image) {
  if (box.checked || !image.isConnected) return;
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext("2d").drawImage(image, 0, 0);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", image.alt);
  canvas.dataset.address = image.getAttribute("src");
  image.replaceWith(canvas);
}

function moving(canvas) {
  canvas.replaceWith(picture(canvas.dataset.address, canvas.getAttribute("aria-label")));
}

function changed() {
  if (box.checked) document.querySelectorAll("canvas[data-address]").forEach(moving);
  else document.querySelectorAll("img[data-picture]").forEach((image) => image.complete && still(image));
}

box.checked = !prefers.matches;
box.addEventListener("change", changed);
prefers.addEventListener("change", () => {
  box.checked = !prefers.matches;
  changed();
});
