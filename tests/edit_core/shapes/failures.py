"""Errors by their words alone, by their place alone and by their status alone."""

from __future__ import annotations

import json
from typing import Any

from .building import failed, relay

_WORDS = (
    ("ce02 token expired", 401, "该令牌已过期", "auth"),
    ("ce02 token disabled", 401, "该令牌状态不可用", "auth"),
    ("ce02 no token", 401, "未提供令牌", "auth"),
    ("ce04 user without money", 403, "用户额度不足, 剩余额度: $0.00", "payment"),
    ("ce04 in English", 403, "user quota is not enough", "payment"),
    ("ce04 pre-consume failed", 403, "预扣费额度失败, 用户剩余额度: $0.01", "payment"),
    ("ce06 no channel for the model", 503, "当前分组 default 下对于模型 gemini-x 无可用渠道", "not_found"),
    ("ce06 in English", 503, "No available channel for model gemini-x under group default", "not_found"),
    ("ce34 sensitive words", 400, "sensitive words detected", "blocked"),
    ("ce34 in Chinese", 400, "输入包含敏感词", "blocked"),
    ("ce37 model not allowed", 403, "该令牌无权访问模型 gemini-x", "auth"),
    ("ce21 ExceededBudget", 400, "ExceededBudget: User=x over budget. Spend=10, Budget=10", "payment"),
    ("ce15 credit balance", 400, "Your credit balance is too low to access the API.", "payment"),
    ("ce31 not a valid model", 400, "google/gemini-x is not a valid model ID", "not_found"),
    ("ce31 Model Not Exist", 400, "Model Not Exist", "not_found"),
    ("ce39 in Chinese", 404, "模型不存在", "not_found"),
    ("ce07 safety system", 400, "Your request was rejected as a result of our safety system.", "blocked"),
    ("ce33 recitation as 502", 502, "gemini error: IMAGE_RECITATION", "blocked"),
)

_PLACES: tuple[tuple[str, Any], ...] = (
    ("error is a text", {"error": "Unauthorized"}),
    ("error and a message", {"error": "unauthorized", "message": "Unauthorized: wrong key"}),
    ("message", {"message": "Unauthorized"}),
    ("msg", {"code": 401, "msg": "Unauthorized"}),
    ("err", {"err": "Unauthorized"}),
    ("error_msg", {"error_code": 110, "error_msg": "Unauthorized"}),
    ("error_message", {"error_message": "Unauthorized"}),
    ("header.message", {"header": {"code": 11200, "message": "Unauthorized", "sid": "x"}}),
    ("response.error.message", {"response": {"error": {"message": "Unauthorized"}}}),
    ("detail", {"detail": "Unauthorized"}),
    ("detail is an object", {"detail": {"error": {"message": "Unauthorized"}}}),
    ("detail is a list", {"detail": [{"loc": ["header", "authorization"], "msg": "Unauthorized", "type": "missing"}]}),
    ("a list around it", [{"error": {"message": "Unauthorized"}}]),
    ("a list of texts", {"errors": ["Unauthorized"]}),
    ("a bare text", "Unauthorized"),
    ("JSON in a text", {"error": json.dumps({"error": {"message": "Unauthorized"}})}),
    ("JSON in a bare text", json.dumps({"message": "Unauthorized"})),
    ("error within error", {"error": {"error": {"message": "Unauthorized"}}}),
    ("message is an object", {"error": {"message": {"message": "Unauthorized"}}}),
    ("data.error", {"success": False, "data": {"error": {"message": "Unauthorized"}}}),
    ("RFC 9457", {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "Unauthorized"}),
    ("OAuth", {"error": "invalid_client", "error_description": "Unauthorized"}),
    ("type is the word None", {"error": {"message": "Unauthorized", "type": "None", "param": "None", "code": "401"}}),
)

_STATUSES = (
    (401, "auth", False),
    (402, "payment", False),
    (403, "auth", False),
    (404, "not_found", False),
    (405, "not_found", False),
    (408, "timeout", True),
    (413, "bad_request", False),
    (415, "bad_request", False),
    (422, "bad_request", False),
    (429, "rate_limit", True),
    (500, "upstream", True),
    (502, "upstream", True),
    (503, "upstream", True),
    (504, "timeout", True),
    (520, "upstream", True),
    (522, "timeout", True),
    (524, "timeout", True),
    (529, "upstream", True),
    (307, "not_found", False),
    (418, "bad_request", False),
)

FAILURES = (
    *(failed(f"{id}", status, relay(words), kind, says=words) for id, status, words, kind in _WORDS),
    *(failed(f"ce27 text in {place}", 401, document, "auth", says="Unauthorized") for place, document in _PLACES),
    *(failed(f"ce28 text in {place}, status 500", 500, document, "auth") for place, document in _PLACES),
    *(failed(f"no body at all, {status}", status, b"", kind, retryable=again) for status, kind, again in _STATUSES),
    *(failed(f"an empty object, {status}", status, b"{}", kind, retryable=again) for status, kind, again in _STATUSES),
    *(
        failed(
            f"ce09 empty message, {status}",
            status,
            relay("", "upstream_error", code="bad_response_status_code"),
            kind,
            retryable=again,
        )
        for status, kind, again in _STATUSES
    ),
)
