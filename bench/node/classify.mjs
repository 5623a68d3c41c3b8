// nsfwjs as it ships (its default model, MobileNet v2, from the package), on frames read from stdin.
//
// In:  for each frame, width and height (uint32, little-endian), then width * height * 3 RGB bytes;
//      a width of 0 asks for an answer about the frames since the last one.
// Out: one JSON object a line: {"ready": ...} once the model is loaded and warm, then
//      {"frames": n, "porn": highest score} for each question.
//
// The only change to what ships: the WebAssembly backend, as tfjs-node wants a binary from elsewhere.
import { createRequire } from "node:module";
import path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

const require = createRequire(import.meta.url);
const backend = process.env.NSFWJS_BACKEND ?? "wasm";
if (backend === "wasm") {
  const home = path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"));
  setWasmPaths(path.join(home, "wasm-out") + path.sep);
}
await tf.setBackend(backend);
await tf.ready();
const { load } = require("nsfwjs");
console.log = console.info = console.error; // nsfwjs greets its user; only answers belong on stdout
const answer = (what) => process.stdout.write(JSON.stringify(what) + "\n");

const model = await load("MobileNetV2");

let waiting = [];
let held = 0;
let wake = null;
let ended = false;
process.stdin.on("data", (chunk) => {
  waiting.push(chunk);
  held += chunk.length;
  wake?.();
});
process.stdin.on("end", () => {
  ended = true;
  wake?.();
});

async function take(length) {
  while (held < length && !ended) await new Promise((resolve) => (wake = resolve));
  if (held < length) return null;
  const all = Buffer.concat(waiting);
  waiting = [all.subarray(length)];
  held -= length;
  return all.subarray(0, length);
}

async function look(width, height, pixels) {
  const picture = tf.tensor3d(Int32Array.from(pixels), [height, width, 3], "int32");
  const said = await model.classify(picture);
  picture.dispose();
  return said.find((one) => one.className === "Porn").probability;
}

await look(224, 224, new Uint8Array(224 * 224 * 3));
answer({ ready: true, backend: tf.getBackend(), tfjs: tf.version.tfjs });

let frames = 0;
let porn = 0;
for (;;) {
  const header = await take(8);
  if (header === null) break;
  const [width, height] = [header.readUInt32LE(0), header.readUInt32LE(4)];
  if (width === 0) {
    answer({ frames, porn });
    [frames, porn] = [0, 0];
    continue;
  }
  const pixels = await take(width * height * 3);
  if (pixels === null) break;
  porn = Math.max(porn, await look(width, height, new Uint8Array(pixels)));
  frames += 1;
}
