"""What the words and the statuses of services mean: tables, and the look-ups in them.

Phrases are compared without case, blanks, hyphens and underscores, so that `API_KEY_INVALID`, `ApiKeyInvalid` and
“API key invalid” are one row. Sources: google.genai.types (FinishReason, BlockedReason), google.rpc codes, and what
new-api, one-api, OpenRouter, LiteLLM and DashScope make of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import (
    Blocked,
    EditError,
    KeyRefused,
    Malformed,
    NoImage,
    NotFound,
    PaymentNeeded,
    QuotaUsedUp,
    RateLimited,
    RequestRefused,
    TimedOut,
    UpstreamFailed,
)


class Meaning(NamedTuple):
    """What a word or a status says: the class of error, and whether trying again makes sense if not as usual."""

    error: type[EditError]
    retryable: bool | None = None


LONGEST_WORDS = 50_000
"""Characters of an answer that are looked through."""

Table = tuple[tuple[Meaning, tuple[str, ...]], ...]

_IGNORED = str.maketrans("", "", " _-\t\r\n")


def _plain(words: str) -> str:
    return words[:LONGEST_WORDS].lower().translate(_IGNORED)


def _table(*rows: tuple[Meaning, tuple[str, ...]]) -> Table:
    return tuple((meaning, tuple(_plain(phrase) for phrase in phrases)) for meaning, phrases in rows)


# Words that outweigh any status. The first row with a phrase that occurs decides.
TELLING = _table(
    (
        Meaning(PaymentNeeded),
        (
            "insufficient_user_quota", "pre_consume_token_quota_failed", "TokenStatusExhausted", "额度已用尽",
            "额度不足", "余额不足", "预扣费", "欠费", "quota is not enough", "quota not enough", "budget_exceeded",
            "budget has been exceeded", "ExceededBudget", "insufficient_quota", "insufficient balance",
            "insufficient account balance", "insufficient credit", "insufficient funds", "not enough credit",
            "out of credits", "credit balance", "requires more credits", "billing_hard_limit", "billing_not_active",
            "billed users", "Arrearage", "payment required",
        ),
    ),
    (
        Meaning(Blocked),
        (
            "prompt_blocked", "blocked by Gemini", "sensitive_words", "content_filter", "content_policy",
            "policy violation", "moderation", "flagged", "IMAGE_SAFETY", "PROHIBITED_CONTENT", "RECITATION",
            "DataInspectionFailed", "inappropriate content", "safety system", "safety_block", "safety filter",
            "nsfw", "违规", "违反", "敏感",
        ),
    ),
    (
        Meaning(NotFound),
        (
            "model_not_found", "model not found", "not a valid model", "unknown model", "no such model",
            "model not exist", "does not exist", "模型不存在", "无可用渠道", "no available channel", "invalid url",
            "not found for api version", "not supported for generateContent", "no route matched",
        ),
    ),
    (
        Meaning(KeyRefused),
        (
            "api_key_invalid", "api key not valid", "valid api key", "invalid_api_key", "incorrect api key",
            "api key expired", "no connected db", "无效的令牌", "令牌已过期", "令牌状态不可用", "access token invalid",
            "unauthorized", "unauthenticated", "无权", "permission_denied", "authentication_error",
            "access_denied",
        ),
    ),
    (Meaning(QuotaUsedUp), ("PerDay", "daily limit", "quota_exhausted")),
    (
        Meaning(RateLimited),
        (
            "resource_exhausted", "rate_limit", "too many requests", "concurrency", "请求数限制", "负载已饱和", "限流",
            "过于频繁", "Throttling",
        ),
    ),
    (Meaning(NoImage, retryable=True), ("empty_response", "NO_IMAGE", "no images were produced")),
)  # fmt: skip

# Words that only help where the status says little.
VAGUE = _table(
    (Meaning(TimedOut), ("deadline_exceeded", "timed out", "timeout", "超时")),
    (
        Meaning(RequestRefused),
        ("invalid_argument", "failed_precondition", "invalid_request_error", "InvalidParameter", "mime type"),
    ),
    (Meaning(UpstreamFailed), ("unavailable", "overloaded", "server_error", "internal", "upstream_error")),
)

# Sentences that relays put in the place of the model's words.
CANNED = _table(
    (Meaning(UpstreamFailed), ("所有API密钥均请求失败",)),
    (
        Meaning(NoImage, retryable=True),
        ("暂无返回", "响应为空", "模型正在思考中", "空响应次数达到上限", "no images were produced"),
    ),
    (Meaning(Blocked), ("违反政策", "内容违规", "violates our policies")),
)

# Pages that stand before a service. A bot check has nothing to do with the key, and trying again does not help.
PAGES = _table(
    (Meaning(UpstreamFailed, retryable=False), ("just a moment", "attention required", "checking your browser")),
)

STATUSES: Mapping[int, Meaning] = {
    400: Meaning(RequestRefused),
    401: Meaning(KeyRefused),
    402: Meaning(PaymentNeeded),
    403: Meaning(KeyRefused),
    404: Meaning(NotFound),
    405: Meaning(NotFound),
    408: Meaning(TimedOut),
    413: Meaning(RequestRefused),
    415: Meaning(RequestRefused),
    422: Meaning(RequestRefused),
    429: Meaning(RateLimited),
    503: Meaning(UpstreamFailed),
    504: Meaning(TimedOut),
    522: Meaning(TimedOut),
    524: Meaning(TimedOut),
}
_LOOSE_STATUSES = (400, 500)
"""Statuses that relays use for anything, so that even vague words know better."""

# How an answer ended without a picture. Words that are not here are unknown: no picture, and the word is shown.
_FINISHES: Mapping[str, Meaning] = {
    **dict.fromkeys(
        (
            "SAFETY", "IMAGE_SAFETY", "PROHIBITED_CONTENT", "IMAGE_PROHIBITED_CONTENT", "RECITATION",
            "IMAGE_RECITATION", "BLOCKLIST", "SPII", "CONTENT_FILTER", "MODEL_ARMOR", "JAILBREAK", "REFUSAL",
        ),
        Meaning(Blocked),
    ),
    **dict.fromkeys(
        ("NO_IMAGE", "IMAGE_OTHER", "OTHER", "MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL"),
        Meaning(NoImage, retryable=True),
    ),
    **dict.fromkeys(("MAX_TOKENS", "LENGTH"), Meaning(NoImage)),
    "MISSING_THOUGHT_SIGNATURE": Meaning(RequestRefused),
    "ERROR": Meaning(UpstreamFailed),
}  # fmt: skip
_ORDINARY_FINISHES = ("STOP", "FINISH_REASON_UNSPECIFIED", "EOS", "END_TURN", "COMPLETED")

LEADS: Mapping[type[EditError], str] = {
    KeyRefused: "The service does not accept the key",
    PaymentNeeded: "The account or the key has no money left",
    QuotaUsedUp: "The allowance for this model is used up",
    RateLimited: "The service has too many requests just now",
    RequestRefused: "The service refused the request",
    NotFound: "The service does not know this model or address",
    Blocked: "A safety rule of the service stopped this edit",
    NoImage: "The model answered without a picture",
    UpstreamFailed: "The service failed",
    TimedOut: "The service took too long and gave up",
    Malformed: "The answer of the service cannot be read",
}
"""How the sentence about each error begins."""

_NO_ALLOWANCE = re.compile(r"limit:0(?![\d.])")


def by_words(words: str, table: Table) -> Meaning | None:
    """The meaning of the first row with a phrase that occurs in these words."""
    plain = _plain(words)
    return next((meaning for meaning, phrases in table if any(phrase in plain for phrase in phrases)), None)


def by_status(status: int) -> Meaning:
    """The meaning of a status alone."""
    if 300 <= status < 400:
        return Meaning(NotFound)
    return STATUSES.get(status, Meaning(RequestRefused if 400 <= status < 500 else UpstreamFailed))


def judge(words: str, code: int | None, status: int) -> Meaning:
    """What an error means, from its words, the code inside it and the status outside: in this order, except that
    vague words only count where neither number says something definite."""
    if telling := by_words(words, TELLING):
        return telling if not _is_without_allowance(telling, words) else Meaning(QuotaUsedUp)
    if code is not None and code in STATUSES:
        return STATUSES[code]
    if (300 <= status < 500 and status not in _LOOSE_STATUSES) or (status in STATUSES and status > 500):
        return by_status(status)
    return by_words(words, VAGUE) or by_status(code if code is not None and 500 <= code < 600 else status)


def _is_without_allowance(meaning: Meaning, words: str) -> bool:
    """Google says “limit: 0” where a model has no free allowance at all: no wait will help."""
    return meaning.error is RateLimited and _NO_ALLOWANCE.search(_plain(words)) is not None


def finish(reason: str) -> Meaning | None:
    """The meaning of a finish or block reason, in whatever case; None for ordinary and unknown ones."""
    return _FINISHES.get(reason.upper())


def is_ordinary(reason: str) -> bool:
    """Whether an answer with this reason simply ended."""
    return reason.upper() in _ORDINARY_FINISHES
