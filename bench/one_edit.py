"""One edit in a process of its own, and the memory it took: `python -m bench.one_edit NAME URL FILE`.

A small edit comes first, so that what a library loads once is not counted. Printed are the bytes of resident memory
at the highest point of the second edit, above what there was before it. The picture to send comes from a file: making
it here would leave freed memory behind, which the edit would use again uncounted.
"""

from __future__ import annotations

import gc
import importlib
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from .inputs import picture
from .relay import LARGE, SMALL

EDITORS = {
    "ours-native": ("ours", "edit_native_at"),
    "ours-chat": ("ours", "edit_chat_at"),
    "google-genai": ("sdk_google", "edit_at"),
    "openai": ("sdk_openai", "edit_at"),
}
"""Name to the module and function that make the edit. Only the module asked for is loaded."""

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
"""What sets the highest resident size back to the present one: `clear_refs` in the kernel's proc(5)."""


def main(name: str, url: str, file: str) -> None:
    """Make both edits and print the figure."""
    module, function = EDITORS[name]
    edit_at: Callable[[str, list[bytes]], list[bytes]] = getattr(
        importlib.import_module(f".{module}", "bench"), function
    )
    sent, small = Path(file).read_bytes(), picture(SMALL)
    assert edit_at(f"{url}/small", [small]) == [small], "the small picture did not come back"
    gc.collect()
    before = _before()
    pictures = edit_at(f"{url}/large", [sent])
    peak = _peak()
    assert pictures == [picture(LARGE)], "the large picture did not come back"
    print(peak - before)


def _before() -> int:
    """Resident bytes now; from here on the highest point is counted afresh, where the system can do that."""
    if not _CLEAR.exists():
        return _peak()
    _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
    return _status("VmRSS")


def _peak() -> int:
    """The most resident bytes so far."""
    if _STATUS.exists():
        return _status("VmHWM")
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024


def _status(field: str) -> int:
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


if __name__ == "__main__":
    main(*sys.argv[1:])
