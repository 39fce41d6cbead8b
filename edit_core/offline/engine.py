"""A prompt and pictures in; the edited picture and an honest account of it out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from .asking import MOST_PICTURES, Asked, Edited, Refused
from .captions import font_for
from .effects import COMPOSITIONS, EFFECTS, said_of
from .geometry import shrunk
from .loading import Loaded, load, save
from .plan import Plan, Ratio, Step
from .reading import read_prompt
from .sizes import fitted
from .words import read_plan

MOST_PIXELS_TOGETHER = 100_000_000
"""What is held of several pictures at once: 300 MB. Put together, each is drawn smaller than its share of that."""

_CHINESE = re.compile("[\u4e00-\u9fff]")
_IN_CHINESE = "中文也可以，例如：黑白、复古、素描、背景虚化、主题风格改成红色、加文字“你好”。"


@dataclass(frozen=True)
class Work:
    """What is going to be done, decided before any pixel changes; without `steps` there will be no picture.

    `pictures` are those that are used.
    """

    text: str
    thoughts: str
    pictures: tuple[Loaded, ...] = ()
    steps: tuple[Step, ...] = ()
    ratio: Ratio | None = None
    size: str | None = None


def consider(asked: Asked) -> Work:
    """Decode the pictures, read the words, and say what will be done. Raises `Refused`."""
    if not asked.prompt.strip():
        raise Refused("There is no text: say what should change.")
    if len(asked.pictures) > MOST_PICTURES:
        raise Refused(f"There are {len(asked.pictures)} pictures; {MOST_PICTURES} are the most.")
    count = len(asked.pictures)
    if not count:
        return Work(
            "I am the offline engine, not an AI. I only edit, so I need a picture to work on.", "No picture came."
        )
    plan = _settled(read_plan(asked.prompt), count)
    pictures = _loaded(asked.pictures, composing=_composes(plan.steps))
    thoughts = _thoughts(plan, count)
    if not plan.steps:
        return Work(_not_understood(asked.prompt, plan), thoughts)
    return Work(_account(plan, count), thoughts, pictures, plan.steps, asked.ratio, asked.size)


def carry_out(work: Work) -> Edited:
    """Do the steps of a work that has some. Slow: call it in a thread."""
    images = [loaded.image for loaded in work.pictures]
    for step in work.steps:
        if step.effect in COMPOSITIONS:
            images = [COMPOSITIONS[step.effect].apply(images)]
        else:
            images = [bounded(EFFECTS[step.effect].apply(image, step), image) for image in images]
    return save(fitted(images[0], work.ratio, work.size), as_jpeg=all(loaded.jpeg for loaded in work.pictures))


def make(asked: Asked, told: Callable[[Work], None]) -> Edited | None:
    """Both at once, so that pictures are decoded only when it is their turn; `told` hears in between what will be done.

    None when there is nothing to do. Slow: call it in a thread.
    """
    work = consider(asked)
    told(work)
    return carry_out(work) if work.steps else None


def _loaded(files: Sequence[bytes], *, composing: bool) -> tuple[Loaded, ...]:
    """The pictures that will be used, after all of them were looked at. Raises `Refused`."""
    used: list[Loaded] = []
    for number, data in enumerate(files, start=1):
        loaded = load(data, number)
        if composing:
            used.append(replace(loaded, image=_at_most(loaded.image, MOST_PIXELS_TOGETHER // len(files))))
        elif number == 1:
            used.append(loaded)
    return tuple(used)


def _at_most(image: Image.Image, area: int) -> Image.Image:
    share = (area / (image.width * image.height)) ** 0.5
    if share >= 1:
        return image
    return image.resize((max(int(image.width * share), 1), max(int(image.height * share), 1)), Image.Resampling.BICUBIC)


def _composes(steps: Sequence[Step]) -> bool:
    return any(step.effect in COMPOSITIONS for step in steps)


def bounded(image: Image.Image, before: Image.Image) -> Image.Image:
    """Steps that grow the canvas, such as turning by 45 degrees, must not do so without end."""
    area = image.width * image.height
    return shrunk(image, area) if area > before.width * before.height else image


def _settled(plan: Plan, count: int) -> Plan:
    """The plan with one composition at most, and without what cannot be done with these pictures or fonts."""
    notes = list(plan.notes)
    composing = [s for s in plan.steps if s.effect in COMPOSITIONS or s.effect == "together"]
    # A word for one way of composing says more than “combine”, wherever the two stand.
    chosen = next((s for s in composing if s.effect != "together"), composing[0] if composing else None)
    if chosen and chosen.effect == "together":
        settled: Step | None = replace(chosen, effect="side_by_side" if count == 2 else "grid")
    else:
        settled = chosen
    if chosen and count < 2:
        settled = None
        notes.append("Putting pictures together needs at least two; you gave one.")
    steps: list[Step] = []
    for step in plan.steps:
        if step in composing:
            steps += [settled] if settled and step is chosen else []
        elif step.effect == "caption" and font_for(step.text, 24) is None:
            notes.append(f"No font on this machine can draw “{step.text}”, so I did not write it.")
        else:
            steps.append(step)
    if count > 1 and steps and not settled:
        notes.append(
            f"You gave {count} pictures; I edited the first. To use all, say “side by side”, “grid” or “blend”."
        )
    return Plan(tuple(steps), plan.left_out, tuple(notes))


def _account(plan: Plan, count: int) -> str:
    done = [_said(step, count) for step in plan.steps]
    sentences = [f"Offline engine (no AI): {', then '.join(done)}."]
    if plan.left_out:
        sentences.append(f"I left out what I do not understand: {_listed(plan.left_out)}.")
    return " ".join([*sentences, *plan.notes])


def _said(step: Step, count: int) -> str:
    composition = COMPOSITIONS.get(step.effect)
    return composition.did.format(count=count) if composition else said_of(step)


def _not_understood(prompt: str, plan: Plan) -> str:
    can = ", ".join(
        [*(e.can for e in EFFECTS.values()), *(f"{c.can} (several pictures)" for c in COMPOSITIONS.values())]
    )
    sentences = ["I am the offline engine, not an AI."]
    if not plan.notes or plan.left_out:
        sentences.append(f"I did not understand “{read_prompt(prompt).cite()}”.")
    sentences += [*plan.notes, f"I can do: {can}."]
    return " ".join(sentences + ([_IN_CHINESE] if _CHINESE.search(prompt) else []))


def _thoughts(plan: Plan, count: int) -> str:
    lines = [f"{number}. {_said(step, count)}" for number, step in enumerate(plan.steps, start=1)]
    lines += [f"Not understood: {_listed(plan.left_out)}"] if plan.left_out else []
    return "The plan, found by rules on words:\n" + ("\n".join(lines) or "nothing I can do")


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(f"“{text}”" for text in texts)
