"""The two wire formats, pure: `build_call` and `read_answer`. No network, no clock, no disk."""

from .answer import read_answer as read_answer
from .call import Call as Call
from .call import build_call as build_call
