"""`python -m edit_core.offline`, and what the engine may import."""

from __future__ import annotations

import ast
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from edit_core import offline

FOLDER = Path(offline.__file__).parent
ALLOWED = {"PIL", "starlette", "uvicorn", "orjson"} | set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_imports_nothing_else_of_the_library_but_how_a_process_is_started(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {alias.name.partition(".")[0] for alias in node.names} <= ALLOWED
        if isinstance(node, ast.ImportFrom):
            first = (node.module or "").partition(".")[0]
            assert node.level == 1 or (node.level == 2 and first == "worker") or (node.level == 0 and first in ALLOWED)


def test_it_serves_and_says_that_it_is_no_ai(pytestconfig: pytest.Config) -> None:
    command = [sys.executable, "-m", "edit_core.offline", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=pytestconfig.rootpath) as process:
        assert process.stdout
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", line)
        try:
            assert "NOT an AI" in line
            assert url
            assert httpx.get(f"{url[0]}/health").json()["ai"] is False
        finally:
            process.send_signal(signal.SIGTERM)


def test_a_port_in_use_is_one_sentence(free_port: int, pytestconfig: pytest.Config) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        command = [sys.executable, "-m", "edit_core.offline", "--port", str(free_port)]
        result = subprocess.run(command, capture_output=True, text=True, cwd=pytestconfig.rootpath, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith(f"Cannot listen on 127.0.0.1:{free_port}: ")
    assert result.stderr.count("\n") == 1
