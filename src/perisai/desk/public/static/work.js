// Solves ALTCHA's puzzle (version 2, PBKDF2) beside the page. See docs/decisions.
"use strict";

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

onmessage = async ({ data }) => {
  const challenge = JSON.parse(data);
  const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const rounds = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  const password = new Uint8Array([...bytes(nonce), 0, 0, 0, 0]);
  const place = new DataView(password.buffer);
  const begun = performance.now();
  for (let counter = 0; counter < 2 ** 32; counter += 1) {
    place.setUint32(password.length - 4, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derived = hex(new Uint8Array(await crypto.subtle.deriveBits(rounds, key, keyLength * 8)));
    if (derived.startsWith(keyPrefix)) {
      const time = Math.round(performance.now() - begun);
      postMessage(btoa(JSON.stringify({ challenge, solution: { counter, derivedKey: derived, time } })));
      close();
      return;
    }
  }
};
