"""The command line: `python -m edit_core cat.jpg "black and white" -o out.png`.

Without a provider the embedded offline engine does the edit. With one, its key is read from the environment variable
that the provider's row names.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import orjson
from PIL import Image

from .client import Client, in_process
from .edits import EditRequest, EditResult, Reference, Wire
from .errors import BadInput, EditError
from .pictures import Picture
from .preparation import fit, prepare
from .providers import PROVIDERS, Provider, checked_base_url, parse_providers
from .snippets import shown_body
from .wire import build_call

BODY_OVERHEAD = 64_000
"""Bytes of a request that are kept for everything but its pictures."""


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run one edit. Returns the exit status: 0, or 1 with one sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        provider = _provider(options)
        model = options.model or (provider.models[0].id if provider.models else "")
        wire: Wire = options.wire or provider.wires[0]
        request = _request(options, provider)
        if options.show_request:
            print(_shown(request, provider, model, wire))
            return 0
        key = next((environ[name] for name in provider.key_names if environ.get(name)), "")
        result = asyncio.run(_edit(request, provider, model, wire, key))
        _tell(result, _save(result, Path(options.output)))
    except EditError as error:
        print(error.explain(), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or 'A file'}: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m edit_core",
        description="Edit pictures with words. The last argument is the prompt, all before it are pictures.",
    )
    parser.add_argument("pictures_and_prompt", nargs="+", metavar="PICTURE … PROMPT")
    parser.add_argument("-o", "--output", default="edited.png", help="where to save the result (default: edited.png)")
    parser.add_argument("--provider", default="offline", help=f"one of {', '.join(PROVIDERS)}; default: offline")
    parser.add_argument("--providers-file", help="a TOML file with providers of your own")
    parser.add_argument("--base-url", help="the provider's address, where it is not the usual one")
    parser.add_argument("--model", help="the model's name; any name is allowed")
    parser.add_argument("--wire", choices=get_args(Wire), help="the format; default: the provider's first")
    parser.add_argument("--ratio", help="aspect ratio such as 16:9; default: the model's choice")
    parser.add_argument("--size", help="512, 1K, 2K or 4K; default: the model's choice")
    parser.add_argument("--show-request", action="store_true", help="print the request and send nothing")
    return parser


def _provider(options: argparse.Namespace) -> Provider:
    rows = dict(PROVIDERS)
    if options.providers_file:
        rows |= parse_providers(Path(options.providers_file).read_text(encoding="utf-8"))
    if options.provider not in rows:
        raise BadInput(f"There is no provider “{options.provider}”; known are {', '.join(rows)}.")
    provider: Provider = rows[options.provider]
    return provider.at(checked_base_url(options.base_url)) if options.base_url else provider


def _request(options: argparse.Namespace, provider: Provider) -> EditRequest:
    *paths, prompt = options.pictures_and_prompt
    pictures = [_prepared(Path(path)) for path in paths]
    fitted = fit(pictures, (provider.most_request_bytes - BODY_OVERHEAD) * 3 // 4)
    for path, each in zip(paths, fitted, strict=True):
        _say(path, each.changes)
    references = tuple(Reference(each.picture) for each in fitted)
    return EditRequest(prompt, references, aspect_ratio=options.ratio, image_size=options.size)


def _prepared(path: Path) -> Picture:
    try:
        prepared = prepare(path.read_bytes())
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    _say(str(path), prepared.changes)
    return prepared.picture


def _say(path: str, changes: Sequence[object]) -> None:
    for change in changes:
        print(f"{path}: {change}", file=sys.stderr)


async def _edit(request: EditRequest, provider: Provider, model: str, wire: Wire, key: str) -> EditResult:
    embedded = provider == PROVIDERS["offline"]
    if embedded:
        # Imported here: the engine is the other side of the wire, and no other path through this file needs it.
        from .offline.app import app

        transport = in_process(app)
    async with Client(provider, key, wire=wire, transport=transport if embedded else None) as client:
        return await client.edit(request, model)


def _shown(request: EditRequest, provider: Provider, model: str, wire: Wire) -> str:
    """The request as text, with the pictures cut short; it holds no key."""
    call = build_call(request, provider, model, wire)
    query = "&".join(f"{name}={value}" for name, value in call.query.items())
    lines = [f"POST {provider.base_url}{call.path}{f'?{query}' if query else ''}"]
    lines += [f"{name}: {value}" for name, value in call.headers.items()]
    return "\n".join([*lines, "", orjson.dumps(shown_body(call.body), option=orjson.OPT_INDENT_2).decode()])


def _save(result: EditResult, output: Path) -> list[Path]:
    """Write every picture; the first under the name asked for, further ones numbered."""
    paths = []
    for number, picture in enumerate(result.pictures, start=1):
        path = output if number == 1 else output.with_stem(f"{output.stem}-{number}")
        path.write_bytes(_as_named(picture, path.suffix.lower()))
        paths.append(path)
    return paths


def _as_named(picture: Picture, suffix: str) -> bytes:
    """The bytes as they came; or, where the file's name says another format, converted, so that no name lies."""
    wanted = {".jpeg": ".jpg"}.get(suffix, suffix)
    if wanted in ("", picture.suffix) or wanted not in Image.registered_extensions():
        return picture.data
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(picture.data)) as image:
        kind = Image.registered_extensions()[wanted]
        (image.convert("RGB") if kind == "JPEG" else image).save(buffer, kind, quality=95)
    print(f"The service sent {picture.mime}; it was converted for the name *{suffix}.", file=sys.stderr)
    return buffer.getvalue()


def _tell(result: EditResult, paths: Sequence[Path]) -> None:
    if result.text:
        print(result.text)
    for note in result.notes:
        print(note, file=sys.stderr)
    for path, picture in zip(paths, result.pictures, strict=True):
        print(f"{path}: {picture.width} x {picture.height}")


if __name__ == "__main__":
    sys.exit(main())
