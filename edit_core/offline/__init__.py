"""The embedded offline engine: real picture edits chosen by rules on words, behind both wire formats.

It is not an AI and says so in every answer. It needs no key and no network, and it imports nothing else of
`edit_core`: a mistake shared by both sides of a wire would otherwise cancel out and never show.
"""
