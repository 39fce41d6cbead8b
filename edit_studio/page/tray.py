"""Your pictures: the gallery they are put into, and a small line on what was done to each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr

from ..darkroom import Darkroom
from ..intake import Intake, Taken, take_in
from ..settings import Limits
from ..shelf import Shelf
from . import words
from .markup import items, safe

GalleryValue = list[tuple[str, str | None]] | None
"""What a gallery hands over: a path and a caption for each picture."""

KINDS = ["image", ".heic", ".heif", ".avif"]
"""For the file chooser only; what a file is, its bytes decide."""


MOST_SEEN = 1000
"""Files of which it is remembered what was said."""


@dataclass(frozen=True)
class Noted:
    """A picture in the gallery: its file, the name it came under, what was done to it, and the result it is, or ""."""

    path: str
    name: str
    done: tuple[str, ...] = ()
    from_take: str = ""


Notes = tuple[Noted, ...]


def noted_now(taken: Taken, noted: Notes) -> Noted:
    """What there is to say of a picture: what was said of the file it was asked for by, and what was done to it now."""
    before = next((each for each in noted if each.path == taken.asked), Noted(taken.asked, taken.name))
    return replace(before, path=taken.path, done=(*before.done, *taken.done))


@dataclass(frozen=True)
class Tray:
    """The widgets. `noted` keeps what was done to each picture when it came."""

    gallery: gr.Gallery
    notes: gr.HTML
    noted: gr.State


@dataclass(frozen=True)
class Receiver:
    """Keeps the gallery and the line below it right. `seen` is what was last said of each file, by its path."""

    shelf: Shelf
    darkroom: Darkroom
    limits: Limits
    seen: OrderedDict[str, Noted] = field(default_factory=OrderedDict)

    async def receive(self, value: GalleryValue, noted: Notes) -> tuple[GalleryValue, str, Notes]:
        """After an upload: the gallery without what cannot be read, and the notes on what is in it."""
        intake = await take_in(self.shelf, self.darkroom, paths(value), self.limits.most_pictures)
        now = tuple(noted_now(each, noted) for each in intake.taken)
        self.see(now)
        return as_value([each.path for each in now]), notes_html(now, intake, self.limits), now

    async def tidy(self, value: GalleryValue, noted: Notes) -> tuple[Any, Any]:
        """After any change: forget what was said of pictures that were taken out.

        A change of before an upload may be handled after it, and take away what was said then; so what is there again
        is said again.
        """
        files = paths(value)
        known = self.seen | {each.path: each for each in noted}
        ours = files == [each.path for each in noted]
        # One photo chosen several times is one file, so not all of too many need be new.
        if ours or not set(files) <= set(known) or len(files) > self.limits.most_pictures:
            # Or an upload that `receive` is at work on.
            return gr.skip(), gr.skip()
        now = tuple(known[file] for file in files)
        return notes_html(now, Intake(), self.limits), now

    def see(self, noted: Notes) -> None:
        """Remember what is said of these."""
        for each in noted:
            self.seen[each.path] = each
            self.seen.move_to_end(each.path)
        while len(self.seen) > MOST_SEEN:
            self.seen.popitem(last=False)


def render(limits: Limits) -> Tray:
    """The gallery with its hint below."""
    gr.HTML(f"<h2>{safe(words.PICTURES)}</h2>", elem_classes="label")
    gallery = gr.Gallery(
        label=words.PICTURES,
        show_label=False,
        elem_id="pictures",
        file_types=KINDS,
        sources=["upload", "clipboard"],
        interactive=True,
        columns=4,
        height="auto",
        fit_columns=False,
        object_fit="cover",
        buttons=["fullscreen"],
    )
    notes = gr.HTML(notes_html((), Intake(), limits), elem_id="notes")
    return Tray(gallery, notes, gr.State(()))


def listen(tray: Tray, receiver: Receiver) -> None:
    """Check and prepare pictures as they are uploaded, and follow what is taken out."""
    tray.gallery.upload(
        receiver.receive,
        [tray.gallery, tray.noted],
        [tray.gallery, tray.notes, tray.noted],
        api_visibility="private",
        show_progress="hidden",
    )
    tray.gallery.change(
        receiver.tidy,
        [tray.gallery, tray.noted],
        [tray.notes, tray.noted],
        api_visibility="private",
        show_progress="hidden",
    )


def paths(value: GalleryValue) -> list[str]:
    """The files of a gallery, in order."""
    return [str(path) for path, _ in value or []]


def notes_html(noted: Notes, intake: Intake, limits: Limits) -> str:
    """What was taken out and why, how many are ready, and what was done to which; the hint when there are none."""
    refused = [f"<b>{safe(each.name)}</b> {safe(each.error)} {safe(each.error.next_step)}" for each in intake.refused]
    if intake.left_out:
        text = words.LEFT_OUT_ONE if intake.left_out == 1 else words.LEFT_OUT_MANY
        refused.append(safe(text.format(count=intake.left_out, most=limits.most_pictures)))
    changed = [f"<b>{safe(each.name)}</b> {safe(' '.join(each.done))}" for each in noted if each.done]
    ready = words.READY_ONE if len(noted) == 1 else words.READY_MANY.format(count=len(noted))
    count = ready if noted else words.PICTURES_HINT.format(most=limits.most_pictures)
    return items(refused, "refused") + f'<p class="quiet">{safe(count)}</p>' + items(changed, "done")


def as_value(files: Sequence[str]) -> GalleryValue:
    """Files as a gallery shows them."""
    return [(file, None) for file in files]
