"""Services and relays as rows: what differs between them is data, so a new one is a new row and no new code.

A row says where a provider is, how it is asked and what it ignores; `Model` says what a model can do. Facts come
from the providers' public documentation and from how their servers read a request. Nothing here sends anything.
"""

from __future__ import annotations

import ipaddress
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from .edits import Wire
from .errors import BadInput

Auth = Literal["bearer", "x-goog-api-key", "query"]
"""Where a native call carries the key. Chat calls always use `Authorization: Bearer`."""

ShapeDialect = Literal["image_config", "extra_body_google", "system_message", "pixels"]
"""How a chat call asks for ratio and size: top-level `image_config` (OpenRouter, LiteLLM), `extra_body.google`
(new-api and its kin), a system message `aspect_ratio=16:9` (AiHubMix), `extra_body.width/height` (vLLM-Omni)."""

ThinkingDialect = Literal["extra_body_google", "reasoning", "reasoning_effort"]
"""How a chat call asks for thinking: `extra_body.google.thinking_config` (new-api and its kin), `reasoning.effort`
(OpenRouter), `reasoning_effort` (LiteLLM)."""

LONGEST_MODEL_ID = 200

TEN_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
FOURTEEN_RATIOS = (*TEN_RATIOS, "1:4", "4:1", "1:8", "8:1")


@dataclass(frozen=True)
class Model:
    """What a model can do. Empty tuples and None mean “not known”, and then nothing is refused.

    `sizes` with a single entry means that the model has one size and takes no size word. `needs_text` marks models
    that answer only when both TEXT and IMAGE are asked for. `prices` are US dollars for one picture, by size.
    Raises `BadInput` for a price that is none.
    """

    id: str
    label: str = ""
    ratios: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    thinking_levels: tuple[str, ...] = ()
    most_references: int | None = None
    needs_text: bool = False
    prices: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        for size, dollars in self.prices:
            if not 0 <= dollars < math.inf:
                raise BadInput(f"Model “{self.id}”: {dollars} is no price of a {size} picture.")

    @property
    def known(self) -> bool:
        """Whether a row describes this model, rather than a name somebody typed."""
        return bool(self.label)

    def price(self, size: str) -> float | None:
        """US dollars for a picture of this size, the dearest for a size that is not listed; None when not known."""
        return dict(self.prices).get(size, max((dollars for _, dollars in self.prices), default=None))


@dataclass(frozen=True)
class Provider:
    """One service or relay.

    `base_url` is the root before `/v1beta` and `/v1` ("" when the owner has to set it). `native_case` is the spelling
    of the fields inside a part (`inline_data` or `inlineData`); the rest of a native body is always camelCase.
    `modalities` go into native calls, `chat_modalities` into chat calls, an empty tuple leaves the field out.
    `shape_dialects` lists every way in which a chat call states ratio and size; none means that it cannot.
    `chat_extras` are the optional fields of a chat call the provider reads. `size_words` maps our sizes to its words.
    `picture_hosts` may serve result pictures besides the provider's own host. `unpaid_statuses` are failures that its
    terms say are free. `most_request_bytes` bounds a whole request. `free` says that nobody is paid, `own_prices` that
    the models' prices are this provider's own rather than those of the models' maker.
    """

    id: str
    name: str
    base_url: str = ""
    key_names: tuple[str, ...] = ()
    needs_key: bool = True
    wires: tuple[Wire, ...] = ("native", "chat")
    models: tuple[Model, ...] = ()
    auth: Auth = "bearer"
    native_path: str = "/v1beta/models/{model}:{method}"
    chat_path: str = "/v1/chat/completions"
    native_case: Literal["snake", "camel"] = "camel"
    modalities: tuple[str, ...] = ("TEXT", "IMAGE")
    chat_modalities: tuple[str, ...] = ()
    shape_dialects: tuple[ShapeDialect, ...] = ()
    thinking_dialect: ThinkingDialect | None = None
    chat_extras: tuple[Literal["top_k", "safety_settings"], ...] = ()
    chat_max_tokens: int | None = None
    size_words: tuple[tuple[str, str], ...] = ()
    picture_hosts: tuple[str, ...] = ()
    streams: tuple[Wire, ...] = ()
    unpaid_statuses: tuple[int, ...] = ()
    most_request_bytes: int = 20_000_000
    free: bool = False
    own_prices: bool = False

    def model(self, id: str) -> Model:
        """The row of a model, or a blank one: relays serve names that nobody listed, and all are allowed."""
        return next((row for row in self.models if row.id == id), Model(id))

    def takes_shape(self, wire: Wire) -> bool:
        """Whether this provider can be told a ratio and a size in this format."""
        return wire == "native" or bool(self.shape_dialects)

    def size_word(self, size: str) -> str:
        """This provider's word for a size of ours."""
        return dict(self.size_words).get(size, size)

    def at(self, base_url: str) -> Provider:
        """This provider at another address. Raises `BadInput` for an address a key must not be sent to."""
        return replace(self, base_url=checked_base_url(base_url))


def is_model_id(id: str) -> bool:
    """Model ids go into a path: letters, digits and the few marks that real ones use, and no step up."""
    fits = 0 < len(id) <= LONGEST_MODEL_ID and ".." not in id
    return fits and all(c.isascii() and (c.isalnum() or c in "-_.:/@+") for c in id)


def checked_base_url(text: str) -> str:
    """A base URL as people paste it, cut down to the root that paths are appended to.

    Keys travel in a header, so the address must be https; plain http is for this machine only. A trailing `/v1`,
    `/v1beta` or a whole endpoint path is dropped: a relay's root answers with its web page, which nobody understands.
    """
    text = text.strip()
    if not text.isascii() or not text.isprintable() or any(mark in text for mark in " \\#?@"):
        raise BadInput("The base URL may hold only a scheme, a host, a port and a path.")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadInput("The base URL cannot be read: it looks like https://api.example.com.") from error
    if parts.scheme not in ("http", "https") or not host:
        raise BadInput("The base URL must begin with https:// and name a host.")
    if parts.scheme == "http" and not is_loopback(host):
        raise BadInput("The base URL must begin with https://: over plain http anybody on the way could read the key.")
    path = parts.path.rstrip("/")
    for ending in ("/chat/completions", "/models", "/v1beta", "/v1"):
        path = path.removesuffix(ending).rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_FLASH_20 = Model(
    "gemini-2.0-flash-exp-image-generation", "Gemini 2.0 Flash (retired at Google)", most_references=3, needs_text=True
)
# Prices are Google's for one output picture (ai.google.dev/gemini-api/docs/pricing). References and thinking come on
# top: a reference is about 1120 tokens, or $0.0006. Relays ask less or more.
_FLASH_25 = Model(
    "gemini-2.5-flash-image",
    "Gemini 2.5 Flash Image",
    TEN_RATIOS,
    ("1K",),
    most_references=3,
    prices=(("1K", 0.039),),
)
_PRO_3 = Model(
    "gemini-3-pro-image",
    "Gemini 3 Pro Image",
    TEN_RATIOS,
    ("1K", "2K", "4K"),
    most_references=14,
    prices=(("1K", 0.134), ("2K", 0.134), ("4K", 0.24)),
)
_FLASH_31 = Model(
    "gemini-3.1-flash-image",
    "Gemini 3.1 Flash Image",
    FOURTEEN_RATIOS,
    ("512", "1K", "2K", "4K"),
    ("minimal", "high"),
    most_references=14,
    prices=(("512", 0.045), ("1K", 0.067), ("2K", 0.101), ("4K", 0.151)),
)
_LITE_31 = Model(
    "gemini-3.1-flash-lite-image",
    "Gemini 3.1 Flash Lite Image",
    FOURTEEN_RATIOS,
    ("1K",),
    ("minimal", "high"),
    most_references=14,
    prices=(("1K", 0.0336),),  # 1120 tokens of $30 a million
)
_BANANA_21 = Model(
    "gemini-nano-banana-2.1",
    "Nano Banana 2.1",
    FOURTEEN_RATIOS,
    ("1K", "2K", "4K"),
    ("minimal", "medium", "high"),
    most_references=14,
    # $30 a million tokens: 1120 of them at 1K; at 4K about 3790, reckoned from fal.ai/learn/tools/nano-banana-api.
    prices=(("1K", 0.0336), ("4K", 0.114)),
)
_FLASH_31_PREVIEW = replace(_FLASH_31, id="gemini-3.1-flash-image-preview", label="Gemini 3.1 Flash Image (preview)")
_PRO_3_PREVIEW = replace(_PRO_3, id="gemini-3-pro-image-preview", label="Gemini 3 Pro Image (preview)")

_GOOGLE = (_FLASH_31, _PRO_3, _BANANA_21, _LITE_31, _FLASH_25)
_RELAYS = (_FLASH_31_PREVIEW, _FLASH_31, _PRO_3_PREVIEW, _PRO_3, _FLASH_25)
_OFFLINE = Model(
    "offline-engine", "Offline engine (not an AI)", FOURTEEN_RATIOS, ("512", "1K", "2K", "4K"), most_references=14
)


def _renamed(models: tuple[Model, ...], prefix: str) -> tuple[Model, ...]:
    return tuple(replace(model, id=prefix + model.id) for model in models)


_ROWS = (
    Provider(
        "offline",
        "Offline engine",
        "http://127.0.0.1:8901",
        needs_key=False,
        models=(_OFFLINE,),
        shape_dialects=("image_config",),
        chat_modalities=("image", "text"),
        streams=("native", "chat"),
        most_request_bytes=64_000_000,
        free=True,
    ),
    Provider(
        "google",
        "Google (official)",
        "https://generativelanguage.googleapis.com",
        ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        wires=("native",),
        models=_GOOGLE,
        auth="x-goog-api-key",
        streams=("native",),
        # "Am I charged for failed requests?" in ai.google.dev/gemini-api/docs/billing: 400 and 500 are free.
        unpaid_statuses=(500,),
        own_prices=True,
    ),
    Provider(
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api",
        ("OPENROUTER_API_KEY",),
        wires=("chat",),
        models=_renamed(_GOOGLE, "google/"),
        chat_modalities=("image", "text"),
        shape_dialects=("image_config",),
        thinking_dialect="reasoning",
        chat_extras=("top_k",),
        size_words=(("512", "0.5K"),),
        streams=("chat",),
    ),
    Provider(
        "apiyi",
        "APIYI",
        "https://api.apiyi.com",
        ("APIYI_API_KEY",),
        models=_RELAYS,
        modalities=("IMAGE",),
    ),
    Provider(
        "tokaify",
        "Tokaify",
        "https://api.tokaify.com",
        ("TOKAIFY_API_KEY",),
        wires=("native",),
        models=(_FLASH_25, *_RELAYS[:4]),
        native_case="snake",
        modalities=("IMAGE",),
    ),
    Provider(
        "tokenhot",
        "Tokenhot",
        "https://api.tokenhot.ai",
        ("TOKENHOT_API_KEY",),
        models=(_FLASH_25, _FLASH_31_PREVIEW, _PRO_3_PREVIEW),
        native_case="snake",
        modalities=("image",),
        shape_dialects=("extra_body_google",),
        thinking_dialect="extra_body_google",
    ),
    Provider(
        "pinky",
        "Pinky",
        key_names=("PINKY_API_KEY",),
        models=(_FLASH_25, replace(_FLASH_25, id="gemini-2.5-flash-image-preview"), _FLASH_20),
        native_case="snake",
        chat_max_tokens=4096,
    ),
    Provider(
        "aihubmix",
        "AiHubMix",
        "https://aihubmix.com",
        ("AIHUBMIX_API_KEY",),
        models=_RELAYS,
        native_path="/gemini/v1beta/models/{model}:{method}",
        chat_modalities=("text", "image"),
        shape_dialects=("system_message",),
    ),
    Provider(
        "litellm",
        "LiteLLM (your own)",
        "http://127.0.0.1:4000",
        ("LITELLM_API_KEY",),
        needs_key=False,
        models=_GOOGLE,
        chat_modalities=("image", "text"),
        shape_dialects=("image_config",),
        thinking_dialect="reasoning_effort",
        chat_extras=("top_k", "safety_settings"),
        streams=("native", "chat"),
    ),
    Provider(
        "vllm-omni",
        "vLLM-Omni (your own)",
        "http://127.0.0.1:8091",
        ("VLLM_API_KEY",),
        needs_key=False,
        wires=("chat",),
        models=(Model("Qwen/Qwen-Image-Edit"), Model("Qwen/Qwen-Image-Edit-2509")),
        shape_dialects=("pixels",),
        free=True,
    ),
    Provider(
        "custom",
        "Another relay",
        key_names=("EDIT_API_KEY",),
        models=_RELAYS,
        shape_dialects=("image_config", "extra_body_google"),
        thinking_dialect="extra_body_google",
        chat_modalities=("image", "text"),
    ),
)

PROVIDERS: Mapping[str, Provider] = MappingProxyType({row.id: row for row in _ROWS})
"""Every provider that is known without a file of one's own, by id."""


def parse_providers(text: str) -> dict[str, Provider]:
    """Rows from a TOML text: `[[provider]]` tables with the fields of `Provider`, each with `[[provider.models]]`.

    `like = "openrouter"` starts from a row that exists, except for its key; without it a table starts from `custom`.
    The key's name is `<ID>_API_KEY` unless `key_names` says otherwise. Raises `BadInput`
    with the table's id and the field that cannot be used.
    """
    try:
        tables = tomllib.loads(text).get("provider", [])
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The providers file is no valid TOML: {error}.") from error
    if not isinstance(tables, list):
        raise BadInput("The providers file must use [[provider]] with double brackets.")
    rows = [_row(table) for table in tables]
    return {row.id: row for row in rows}


def _row(table: dict[str, Any]) -> Provider:
    values = dict(table)
    id = values.get("id")
    if not isinstance(id, str) or not id:
        raise BadInput("Every [[provider]] in the providers file needs an id.")
    like = values.pop("like", "custom")
    if like not in PROVIDERS:
        raise BadInput(f"Provider “{id}”: like = “{like}” names no known provider ({', '.join(PROVIDERS)}).")
    models = tuple(Model(**_values(Model, model, f"{id}, models")) for model in values.pop("models", []))
    if "base_url" in values:
        values["base_url"] = checked_base_url(str(values["base_url"]))
    values.setdefault("name", id)
    # Never the key of the row it resembles: it would be sent to another address.
    values.setdefault("key_names", [f"{id.upper().replace('-', '_')}_API_KEY"])
    base = replace(PROVIDERS[like], models=models or PROVIDERS[like].models)
    return replace(base, **_values(Provider, values, id))


def _values(row: type[Model] | type[Provider], table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A TOML table as keyword arguments of a row: lists become tuples, types are checked."""
    hints = get_type_hints(row)
    known = {field.name for field in fields(row)}
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            raise BadInput(f"Provider “{where}”: there is no field “{name}” ({', '.join(sorted(known))}).")
        value = tuple(value.items()) if isinstance(value, dict) else tuple(value) if isinstance(value, list) else value
        if not _fits(value, hints[name]):
            raise BadInput(f"Provider “{where}”: the value of “{name}” has the wrong type.")
        values[name] = value
    return values


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value from a file is of a field's type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in arguments
    if origin is UnionType:
        return any(_fits(value, each) for each in arguments)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        each = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        return all(map(_fits, value, each))
    return type(value) is hint or (hint is float and type(value) is int)
