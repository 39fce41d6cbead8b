"""The table of effects: what each is called, what the answer says it did, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from . import captions, compose, geometry, textures, tones
from .colours import COLOURS
from .plan import Step


@dataclass(frozen=True)
class Effect:
    """One edit of one picture. `did` is filled with the step's `much`, `colour`, `ratio`, `turn` and `text`."""

    can: str
    did: str
    apply: Callable[[Image.Image, Step], Image.Image]


@dataclass(frozen=True)
class Composition:
    """Several pictures made into one."""

    can: str
    did: str
    apply: Callable[[Sequence[Image.Image]], Image.Image]


def _ratio(step: Step) -> tuple[int, int]:
    return step.ratio or (1, 1)


EFFECTS: dict[str, Effect] = {
    "black_and_white": Effect("black and white", "made it black and white", lambda i, _: tones.black_and_white(i)),
    "sepia": Effect("sepia", "made it sepia", lambda i, s: tones.sepia(i, s.strength)),
    "tint": Effect(
        "a tint in a colour", "tinted it {colour}", lambda i, s: tones.tint(i, COLOURS[s.colour], s.strength)
    ),
    "vintage": Effect("vintage", "made it look like an old print", lambda i, s: tones.vintage(i, s.strength)),
    "warmer": Effect("warmer", "made it {much}warmer", lambda i, s: tones.warmer(i, s.strength)),
    "cooler": Effect("cooler", "made it {much}cooler", lambda i, s: tones.warmer(i, -s.strength)),
    "brighter": Effect("brighter", "made it {much}brighter", lambda i, s: tones.brighter(i, s.strength)),
    "darker": Effect("darker", "made it {much}darker", lambda i, s: tones.brighter(i, -s.strength)),
    "more_contrast": Effect("more contrast", "gave it {much}more contrast", lambda i, s: tones.contrast(i, s.strength)),
    "less_contrast": Effect(
        "less contrast", "gave it {much}less contrast", lambda i, s: tones.contrast(i, -s.strength)
    ),
    "more_saturation": Effect("vivid", "made its colours {much}stronger", lambda i, s: tones.saturation(i, s.strength)),
    "less_saturation": Effect("muted", "made its colours {much}paler", lambda i, s: tones.saturation(i, -s.strength)),
    "vignette": Effect("vignette", "darkened its corners", lambda i, s: tones.vignette(i, s.strength)),
    "invert": Effect("invert", "inverted its colours", lambda i, _: tones.invert(i)),
    "posterise": Effect("posterise", "posterised it", lambda i, s: tones.posterise(i, s.strength)),
    "blur": Effect("blur", "blurred it", lambda i, s: textures.blur(i, s.strength)),
    "background_blur": Effect(
        "background blur", "blurred all but the middle", lambda i, s: textures.background_blur(i, s.strength)
    ),
    "sharpen": Effect("sharpen", "sharpened it", lambda i, s: textures.sharpen(i, s.strength)),
    "pixelate": Effect("pixelate", "pixelated it", lambda i, s: textures.pixelate(i, s.strength)),
    "sketch": Effect("pencil sketch", "drew it as a pencil sketch", lambda i, s: textures.sketch(i, s.strength)),
    "cartoon": Effect("cartoon", "made it a cartoon", lambda i, s: textures.cartoon(i, s.strength)),
    "oil": Effect("oil paint", "painted it in oil", lambda i, s: textures.oil(i, s.strength)),
    "rotate": Effect("rotate", "rotated it {turn}", lambda i, s: geometry.rotate(i, s.degrees)),
    "flip": Effect("flip", "flipped it {way}", lambda i, s: geometry.flip(i, vertical=s.vertical)),
    "crop": Effect("crop to a ratio", "cropped it to {ratio}", lambda i, s: geometry.crop(i, _ratio(s))),
    "pad": Effect(
        "pad to a ratio", "padded it to {ratio}", lambda i, s: geometry.pad(i, _ratio(s), COLOURS.get(s.colour))
    ),
    "border": Effect(
        "border", "added a {colour} border", lambda i, s: geometry.border(i, COLOURS[s.colour or "white"], s.strength)
    ),
    "caption": Effect(
        "caption text in quotes",
        "wrote “{text}”",
        lambda i, s: captions.caption(i, s.text, COLOURS[s.colour or "white"], top=s.vertical),
    ),
}

COMPOSITIONS: dict[str, Composition] = {
    "side_by_side": Composition("side by side", "put the {count} pictures side by side", compose.side_by_side),
    "stack": Composition("stacked", "stacked the {count} pictures", compose.stack),
    "grid": Composition("grid", "put the {count} pictures in a grid", compose.grid),
    "blend": Composition("blend", "blended the {count} pictures", compose.blend),
    "collage": Composition("collage", "made a collage of the {count} pictures", compose.collage),
    "picture_in_picture": Composition(
        "picture in picture", "put the other pictures small into the first", compose.picture_in_picture
    ),
}


def said_of(step: Step) -> str:
    """What a step did, as the end of a sentence that begins with “I”."""
    number = f"{abs(step.degrees):g}"
    return EFFECTS[step.effect].did.format(
        much=step.much,
        colour=step.colour or "white",
        ratio=f"{_ratio(step)[0]}:{_ratio(step)[1]}",
        turn=f"{number} degrees {'to the left' if step.degrees < 0 else 'to the right'}",
        way="upside down" if step.vertical else "left to right",
        text=step.text,
    )
