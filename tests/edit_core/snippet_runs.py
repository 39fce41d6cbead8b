"""Running snippets as their users do, and a service on a real port that writes down what they send."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import orjson

from edit_core.snippets import Snippets

RUNNERS = ["cURL in sh", "Python", *(["JavaScript"] if shutil.which("node") else [])]
"""Ways to run a snippet on this machine; JavaScript only where there is a Node."""

EVERY_RUNNER = [*RUNNERS, *(f"cURL in {shell}" for shell in ("bash", "zsh") if shutil.which(shell))]
"""The same with further shells, for whatever hangs on quoting."""

_MANY_PYTHONS = """
import os, runpy, sys
for folder in sys.argv[1:]:
    os.chdir(folder)
    runpy.run_path("snippet")
"""
_MANY_MODULES = """
for (const folder of process.argv.slice(1)) {
  process.chdir(folder);
  await import(`${folder}/snippet.mjs`);
}
"""
_MANY_SHELLS = 'for folder; do cd "$folder" && "$0" snippet || exit; done'


def lay_out(snippets: Snippets, runner: str, folder: Path) -> Path:
    """A folder with the snippet of that language and the pictures it reads."""
    folder.mkdir(parents=True)
    for file in snippets.files:
        (folder / file.name).write_bytes(file.data)
    source = {"P": snippets.python, "J": snippets.javascript}.get(runner[0], snippets.curl)
    (folder / ("snippet.mjs" if runner == "JavaScript" else "snippet")).write_text(source, encoding="utf-8")
    return folder


def run(runner: str, *folders: Path, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the snippets in these folders one after the other, until one fails, in as few processes as can be."""
    commands = {
        "Python": [sys.executable, "-c", _MANY_PYTHONS],
        "JavaScript": ["node", "--input-type=module", "--eval", _MANY_MODULES, "--"],
    }
    command = commands.get(runner) or ["sh", "-c", _MANY_SHELLS, runner.rpartition(" ")[2]]
    return subprocess.run(
        [*command, *map(str, folders)],
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@dataclass(frozen=True)
class Sent:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Listener:
    """A service that gives everybody the same answer."""

    address: str
    requests: list[Sent]


@contextmanager
def listening(answer: Callable[[str], tuple[int, object]]) -> Iterator[Listener]:
    """Serve on a port of 127.0.0.1 until the block ends; `answer` makes (status, JSON) of a path."""
    requests: list[Sent] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append(Sent(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status, document = answer(self.path)
            said = orjson.dumps(document)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield Listener(f"http://127.0.0.1:{server.server_port}", requests)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def engine() -> Iterator[str]:
    """The offline engine as anybody may start it: a process of its own on a free port. Gives its address."""
    command = [sys.executable, "-m", "edit_core.offline", "--port", "0"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            yield next(word for word in line.split() if word.startswith("http://"))
        finally:
            process.terminate()
