"""Ask a real Chromium how it displays a file, for tests that compare our frames with its own.

Chromium is optional: ``binary()`` is None where it is not installed. A page from a server on this
machine decodes the files with WebCodecs' ``ImageDecoder``, which is the decoder and compositor
behind ``<img>``, and posts the frames back.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

_PAGE = """<!doctype html><script>
const files = FILES;
const bytes = t => Uint8Array.from(atob(t), c => c.charCodeAt(0));
async function one(file) {
  const decoder = new ImageDecoder({data: bytes(file.data), type: file.type});
  const result = {frames: [], error: null};
  try {
    await decoder.tracks.ready;
    await decoder.completed;
    const count = decoder.tracks.selectedTrack.frameCount;
    for (let i = 0; i < count; i++) {
      const {image, complete} = await decoder.decode({frameIndex: i, completeFramesOnly: false});
      const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
      let text = '';
      for (let at = 0; at < pixels.length; at += 8192)
        text += String.fromCharCode(...pixels.subarray(at, at + 8192));
      result.frames.push({width: canvas.width, height: canvas.height, complete,
        ms: image.duration / 1000, rgba: btoa(text)});
      image.close();
    }
  } catch (error) { result.error = String(error); }
  return result;
}
(async () => {
  const results = [];
  for (const file of files) results.push(await one(file));
  await fetch('/done', {method: 'POST', body: JSON.stringify(results)});
})();
</script>"""


def binary() -> str | None:
    """Return the path of Chromium or Chrome, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


def decode(files: list[tuple[bytes, str]], timeout: float = 60) -> list[dict]:
    """Decode ``(data, mime type)`` files in one run of the browser.

    Each result has ``error`` (text or None) and ``frames``: a list of dicts with ``rgba`` (an array
    of shape (height, width, 4)), ``ms`` and ``complete``.
    """
    listing = [{"data": base64.b64encode(data).decode(), "type": kind} for data, kind in files]
    page = _PAGE.replace("FILES", json.dumps(listing)).encode()
    with _served(page) as (url, answers), _browser(url):
        results = json.loads(answers.get(timeout=timeout))
    for result in results:
        for frame in result["frames"]:
            flat = np.frombuffer(base64.b64decode(frame["rgba"]), np.uint8)
            frame["rgba"] = flat.reshape(frame["height"], frame["width"], 4)
    return results


@contextmanager
def _served(page: bytes):
    """Serve ``page`` on this machine; yield its address and a queue of what was posted."""
    answers: queue.Queue[bytes] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def do_POST(self):
            answers.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format, *args):  # noqa: A002  # the base class names it so
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", answers
        finally:
            server.shutdown()


@contextmanager
def _browser(url: str):
    """Open ``url`` in a browser without a window."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [binary(), "--headless", "--no-sandbox", "--disable-gpu",
             f"--user-data-dir={folder}/profile", url],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": folder},
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            process.wait(10)
