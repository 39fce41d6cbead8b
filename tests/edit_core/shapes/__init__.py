"""Answers as relays are known to give them, described row by row; see `building.Shape`."""

from .chat_failures import CHAT_FAILURES
from .chat_pictures import CHAT_PICTURES
from .chat_silence import CHAT_SILENCE
from .failures import FAILURES
from .native_failures import NATIVE_FAILURES
from .native_pictures import NATIVE_PICTURES
from .native_silence import NATIVE_SILENCE
from .pages import PAGES
from .streams import STREAMS

PICTURES = (*NATIVE_PICTURES, *CHAT_PICTURES)
SILENCE = (*NATIVE_SILENCE, *CHAT_SILENCE)
SHAPES = (*PICTURES, *SILENCE, *STREAMS, *NATIVE_FAILURES, *CHAT_FAILURES, *FAILURES, *PAGES)
