"""Small pictures that are all different, and clicks that ask for something with them."""

from __future__ import annotations

import io
import random
from functools import lru_cache

from PIL import Image

from edit_core.pictures import Picture
from edit_studio.history.history import WriteReceipt
from edit_studio.history.rows import NewInput, NewJob

ANN, BOB = "ann", "bob"


@lru_cache(maxsize=2000)
def picture(seed: int, side: int = 8) -> Picture:
    """A PNG of noise, the same for the same seed."""
    noise = random.Random(seed).randbytes(side * side * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(out, "PNG", compress_level=1)
    return Picture.read(out.getvalue())


def click(token: str = "first", prompt: str = "make the sky pink", owner: str = ANN, **others) -> NewJob:
    """A click; what is not said is as on most days."""
    values = {"fingerprint": "f" * 64, "provider": "offline", "wire": "native", "model": "sample"} | others
    return NewJob(owner=owner, token=token, prompt=prompt, **values)


def with_inputs(*pictures: Picture, from_take: str | None = None) -> dict:
    """The part of a click that names its pictures."""
    return {"inputs": tuple(NewInput(each, name=f"{n}.png", from_take=from_take) for n, each in enumerate(pictures))}


def tells(**receipt) -> WriteReceipt:
    """A receipt that says this, whenever it is asked."""
    return lambda _seconds: receipt
