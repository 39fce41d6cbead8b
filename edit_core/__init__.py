"""Edit pictures with words through any service that speaks Gemini's native or the OpenAI-compatible chat format."""

from typing import TYPE_CHECKING, Any

from .edits import EditRequest as EditRequest
from .edits import EditResult as EditResult
from .edits import Reference as Reference
from .edits import Usage as Usage
from .errors import EditError as EditError
from .pictures import Picture as Picture
from .providers import PROVIDERS as PROVIDERS
from .providers import Model as Model
from .providers import Provider as Provider
from .wire import build_call as build_call
from .wire import read_answer as read_answer

if TYPE_CHECKING:
    from .client import Client as Client

__all__ = [
    "PROVIDERS",
    "Client",
    "EditError",
    "EditRequest",
    "EditResult",
    "Model",
    "Picture",
    "Provider",
    "Reference",
    "Usage",
    "build_call",
    "read_answer",
]


def __getattr__(name: str) -> Any:
    # It brings httpx, a third of what a process weighs that only decodes pictures, and never sends any.
    if name == "Client":
        from .client import Client

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
