"""Chat errors, with a status."""

from __future__ import annotations

import json

from .building import failed, google, passed_on, relay, retry_in

_BUSY = {
    "code": 429,
    "message": "You exceeded your current quota.",
    "status": "RESOURCE_EXHAUSTED",
    "details": [retry_in("17s")],
}
_LITELLM = "litellm.RateLimitError: VertexAIException -"
_QUOTED = '{\\n  "error": {\\n    "code": 429,\\n    "message": "Slow down."\\n  }\\n}\\n'

CHAT_FAILURES = (
    failed("ce04 code says it", 403, relay("no", code="insufficient_user_quota"), "payment"),
    failed("ce06 code says it", 503, relay("no", code="model_not_found"), "not_found"),
    failed(
        "ce09 status in param",
        524,
        {"error": {"message": "", "type": "upstream_error", "param": "524", "code": None}},
        "timeout",
        retryable=True,
    ),
    failed(
        "ce09 status in param alone",
        500,
        {"error": {"message": "", "type": "upstream_error", "param": "524", "code": None}},
        "timeout",
        retryable=True,
    ),
    failed(
        "ce09 status in the words",
        500,
        relay("bad response status code 524", "openai_error", code="bad_response_status_code"),
        "timeout",
        retryable=True,
    ),
    failed("ce10 upstream is full", 429, relay("当前分组上游负载已饱和，请稍后再试"), "rate_limit", retryable=True),
    failed(
        "ce10 upstream is full, 503", 503, relay("当前分组上游负载已饱和，请稍后再试"), "rate_limit", retryable=True
    ),
    failed(
        "ce12 nothing but a header", 429, b"", "rate_limit", retryable=True, headers={"retry-after": "7"}, retry_after=7
    ),
    failed(
        "ce15 more credits",
        402,
        {"error": {"code": 402, "message": "This request requires more credits, or fewer max_tokens."}},
        "payment",
    ),
    failed("ce15 no credits", 402, {"error": {"code": 402, "message": "Insufficient credits"}}, "payment"),
    failed(
        "ce16 a header in capitals",
        429,
        {"error": {"message": "Rate limit exceeded", "code": 429}},
        "rate_limit",
        retryable=True,
        headers={"Retry-After": "12"},
        retry_after=12,
    ),
    failed(
        "ce16 a date",
        429,
        {"error": {"message": "slow", "code": 429}},
        "rate_limit",
        retryable=True,
        headers={"retry-after": "Sat, 21 Nov 2026 03:54:30 GMT", "date": "Sat, 21 Nov 2026 03:54:00 GMT"},
        retry_after=30,
    ),
    failed(
        "ce16 milliseconds",
        429,
        {"error": {"message": "slow", "code": 429}},
        "rate_limit",
        retryable=True,
        headers={"retry-after-ms": "1500"},
        retry_after=1.5,
    ),
    failed(
        "ce16 a field",
        429,
        {"error": {"message": "slow", "retry_after": 30}},
        "rate_limit",
        retryable=True,
        retry_after=30,
    ),
    failed(
        "ce16 Chinese words",
        429,
        relay("请求过于频繁，请在 30 秒后重试"),
        "rate_limit",
        retryable=True,
        retry_after=30,
    ),
    failed(
        "ce17 flagged input",
        403,
        {
            "error": {
                "code": 403,
                "message": "Your input was flagged",
                "metadata": {"reasons": ["violence"], "flagged_input": "…", "provider_name": "x"},
            }
        },
        "blocked",
    ),
    failed(
        "ce17 only the metadata says so",
        403,
        {"error": {"code": 403, "message": "Forbidden", "metadata": {"reasons": ["violence"], "flagged_input": "…"}}},
        "blocked",
    ),
    failed(
        "ce19 raw is JSON",
        400,
        passed_on(json.dumps(google(400, "INVALID_ARGUMENT", "Unable to process input image.")), 400),
        "bad_request",
        says="Unable to process input image.",
    ),
    failed(
        "ce19 raw is JSON, outer 502",
        502,
        passed_on(json.dumps(google(400, "INVALID_ARGUMENT", "Unable to process.")), 502),
        "bad_request",
    ),
    failed(
        "ce19 raw is an object", 429, passed_on({"error": _BUSY}, 429), "rate_limit", retryable=True, retry_after=17
    ),
    failed(
        "ce19 raw is a list",
        429,
        passed_on(json.dumps([{"error": _BUSY}]), 429),
        "rate_limit",
        retryable=True,
        retry_after=17,
    ),
    failed("ce19 raw is plain", 502, passed_on("ERROR", 502), "upstream", retryable=True),
    failed(
        "ce19 raw tells of a block", 400, passed_on('{"error": {"code": "content_policy_violation"}}', 400), "blocked"
    ),
    failed(
        "ce20 LiteLLM with JSON",
        500,
        {
            "error": {
                "message": f"{_LITELLM} {json.dumps({'error': _BUSY}, indent=2)}. Received Model Group=x",
                "type": "None",
                "param": "None",
                "code": "429",
            }
        },
        "rate_limit",
        retryable=True,
        retry_after=17,
    ),
    failed(
        "ce20 LiteLLM with quoted bytes",
        429,
        {
            "error": {
                "message": f"{_LITELLM} b'{_QUOTED}'",
                "code": "429",
            }
        },
        "rate_limit",
        retryable=True,
        says="Slow down.",
    ),
    failed(
        "ce20 LiteLLM in words",
        401,
        {
            "error": {
                "message": "litellm.AuthenticationError: AuthenticationError: no",
                "type": "auth_error",
                "code": "401",
            }
        },
        "auth",
    ),
    failed("ce22 one-api", 401, relay("无效的令牌", "one_api_error"), "auth", says="无效的令牌"),
    failed("ce22 another fork", 401, relay("无效的令牌", "v_api_error"), "auth"),
    failed(
        "ce26 detail is a list",
        422,
        {"detail": [{"loc": ["body", "model"], "msg": "field required", "type": "value_error.missing"}]},
        "bad_request",
        says="field required",
    ),
    failed("ce30 code is numeric text", 500, {"error": {"message": "x", "code": "429"}}, "rate_limit", retryable=True),
    failed(
        "ce30 code is null", 503, {"error": {"message": "x", "type": None, "code": None}}, "upstream", retryable=True
    ),
    failed("ce30 code is a float", 500, {"error": {"message": "x", "code": 429.0}}, "rate_limit", retryable=True),
    failed(
        "ce35 vLLM flat",
        404,
        {
            "object": "error",
            "message": "The model `x` does not exist.",
            "type": "NotFoundError",
            "param": None,
            "code": 404,
        },
        "not_found",
    ),
    failed(
        "ce35 vLLM flat, bad request",
        400,
        {"object": "error", "message": "too long", "type": "BadRequestError", "param": None, "code": 400},
        "bad_request",
    ),
    failed(
        "ce35 vLLM flat under 200",
        200,
        {"object": "error", "message": "too long", "type": "BadRequestError", "code": 400},
        "bad_request",
    ),
    failed("ce36 Spring", 404, {"timestamp": "x", "status": 404, "error": "Not Found", "path": "/v1/x"}, "not_found"),
    failed(
        "ce36 OpenAI's own quota",
        429,
        {
            "error": {
                "message": "You exceeded your current quota, please check your plan",
                "type": "insufficient_quota",
                "code": "insufficient_quota",
            }
        },
        "payment",
    ),
    failed(
        "ce36 free models per day",
        429,
        {"error": {"message": "Rate limit exceeded: free-models-per-day", "code": 429}},
        "quota",
    ),
    failed("ce36 an answer with a bad status", 500, {"choices": [], "usage": {}}, "upstream", retryable=True),
    failed("ce36 cut JSON", 502, b'{"error": {"mess', "upstream", retryable=True),
)
