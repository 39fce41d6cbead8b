"""A call as something to read or to run elsewhere: its body with pictures cut short, and as cURL, Python, JavaScript.

No snippet ever holds a key: it is taken from an environment variable. No snippet holds a picture either: it reads
files that lie beside it, so that it fits on a screen and runs as it is. Pure: nothing is sent or written here.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..edits import Wire
from ..providers import Provider
from ..wire import Call
from . import curl, javascript, python
from .body import PictureFile as PictureFile
from .body import shown_body as shown_body
from .recipe import recipe_of

__all__ = ["PictureFile", "Snippets", "shown_body", "snippets"]


@dataclass(frozen=True)
class Snippets:
    """One call as three programs.

    `curl` is for sh, bash and zsh and needs nothing but curl 7.76; it saves `answer.json` and, of the pictures in it,
    the last as `result.png` (a draft where the model sent nothing else). `python` needs httpx, `javascript` is a
    module (.mjs) for Node 18; both save every result as `result-1.png` and so on, and no draft.

    All three read `files` from the folder they run in, take the key from an environment variable, follow no redirect,
    and end with a status other than 0 when there is no picture.
    """

    curl: str
    python: str
    javascript: str
    files: tuple[PictureFile, ...] = ()


def snippets(call: Call, provider: Provider, wire: Wire) -> Snippets:
    """The snippets for a call that was built for this provider in this format.

    A streamed call becomes the same edit in one piece: who copies a snippet wants the picture, not its progress.
    """
    recipe = recipe_of(call, provider, wire)
    return Snippets(curl.written(recipe), python.written(recipe), javascript.written(recipe), recipe.files)
