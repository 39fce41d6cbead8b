"""The embedded offline engine: real picture edits chosen by rules on words, behind both wire formats.

It is not an AI and says so in every answer. It needs no key and no network, and of the rest of `edit_core` it knows
only how a process is started: a mistake shared by both sides of a wire would otherwise cancel out and never show.
"""
