"""Native errors, with a status."""

from __future__ import annotations

from .building import failed, google, quota, retry_in

_REASON = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
_MINUTE, _DAY = "GenerateRequestsPerMinutePerProjectPerModel", "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
_LIMIT_0 = (
    "You exceeded your current quota.\n* Quota exceeded for metric: x/free_tier_requests, limit: 0, model: m\n"
    "Please retry in 29.01s."
)

NATIVE_FAILURES = (
    failed(
        "ne01 wrong key is 400",
        400,
        google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", _REASON),
        "auth",
    ),
    failed("ne01 only the detail says so", 400, google(400, "INVALID_ARGUMENT", "Bad request.", _REASON), "auth"),
    failed(
        "ne04 no allowance at all",
        429,
        google(429, "RESOURCE_EXHAUSTED", _LIMIT_0, retry_in("29s")),
        "quota",
        retry_after=29,
    ),
    failed(
        "ne04 an allowance of 5",
        429,
        google(429, "RESOURCE_EXHAUSTED", _LIMIT_0.replace("limit: 0", "limit: 05")),
        "rate_limit",
        retryable=True,
        retry_after=29.01,
    ),
    failed(
        "ne05 per minute",
        429,
        google(429, "RESOURCE_EXHAUSTED", "Quota.", quota(_MINUTE), retry_in("6s")),
        "rate_limit",
        retryable=True,
        retry_after=6,
    ),
    failed(
        "ne06 per day",
        429,
        google(429, "RESOURCE_EXHAUSTED", "Quota.", quota(_DAY), retry_in("6s")),
        "quota",
        retry_after=6,
    ),
    failed(
        "ne05 delay as an object",
        429,
        google(429, "RESOURCE_EXHAUSTED", "Quota.", retry_in({"seconds": "6"})),
        "rate_limit",
        retryable=True,
        retry_after=6,
    ),
    failed(
        "ne08 delay in prose",
        429,
        google(429, "RESOURCE_EXHAUSTED", "Please retry in 29.01s."),
        "rate_limit",
        retryable=True,
        retry_after=29.01,
    ),
    failed(
        "ne08 minutes in prose",
        429,
        google(429, "RESOURCE_EXHAUSTED", "Try again in 1m30s."),
        "rate_limit",
        retryable=True,
        retry_after=90,
    ),
    failed(
        "ne08 milliseconds in prose",
        429,
        google(429, "RESOURCE_EXHAUSTED", "Please retry in 512.3ms."),
        "rate_limit",
        retryable=True,
        retry_after=0.5123,
    ),
    failed("ne09 overloaded", 503, google(503, "UNAVAILABLE", "The model is overloaded."), "upstream", retryable=True),
    failed(
        "ne13 role missing, errors beside",
        400,
        google(
            400,
            "INVALID_ARGUMENT",
            "Please use a valid role: user, model.",
            errors=[{"message": "Please use a valid role", "domain": "global"}],
        ),
        "bad_request",
    ),
    failed(
        "ne15 payload size",
        400,
        google(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes."),
        "bad_request",
    ),
    failed("ne19 a bare text", 500, "Internal error", "upstream", retryable=True, says="Internal error"),
    failed("ne19 a bare text that names quota", 429, "RESOURCE_EXHAUSTED", "rate_limit", retryable=True),
    failed(
        "ne21 code is a word, 422",
        422,
        {"error": {"code": "validation_error", "message": "Input should be valid"}},
        "bad_request",
    ),
    failed(
        "ne21 code is a word, 503", 503, {"error": {"code": "api_error", "message": "down"}}, "upstream", retryable=True
    ),
    failed(
        "ne22 one in a list",
        429,
        [google(429, "RESOURCE_EXHAUSTED", "Quota.", retry_in("6s"))],
        "rate_limit",
        retryable=True,
        retry_after=6,
    ),
    failed("ne22 lists in a list", 503, [[google(503, "UNAVAILABLE")]], "upstream", retryable=True),
    failed("ne unauthenticated", 401, google(401, "UNAUTHENTICATED"), "auth"),
    failed(
        "ne region",
        400,
        google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
        "bad_request",
    ),
    failed(
        "ne only for paying users",
        400,
        google(400, "INVALID_ARGUMENT", "This model is only accessible to billed users at this time."),
        "payment",
    ),
)
