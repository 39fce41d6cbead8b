"""The one text part of a request: the prompt and, where pictures have roles, a legend that names them.

One text part first, then the pictures, is the order every relay takes; text between pictures is not.
"""

from __future__ import annotations

from ..edits import EditRequest


def with_legend(request: EditRequest) -> str:
    """The prompt, followed by a line such as “Image 1: base. Image 2: style.” when any picture has a role."""
    if not any(reference.role for reference in request.references):
        return request.prompt
    named = (
        f"Image {number}: {reference.role or 'no special role'}."
        for number, reference in enumerate(request.references, start=1)
    )
    return f"{request.prompt}\n\n{' '.join(named)}"
