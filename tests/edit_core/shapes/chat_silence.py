"""Chat answers under HTTP 200 that hold no picture."""

from __future__ import annotations

from typing import Any

from .building import Shape, chat, dump


def _case(id: str, document: Any, kind: str, *, charged: str = "", **more: Any) -> Shape:
    charged = charged or ("yes" if kind in ("blocked", "no_image") else "maybe")
    return Shape(id, "chat", dump(document), kind=kind, charged=charged, **more)


def _said(finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    return chat({"role": "assistant", **message}, finish)


_CANNED = (
    ("暂无返回", "no_image", True),
    ("[响应为空，请重试]", "no_image", True),
    ("[模型正在思考中，请稍后再试或重新提问]", "no_image", True),
    ("空响应次数达到上限", "no_image", True),
    ("Image generation completed but no images were produced.", "no_image", True),
    ("⚠️ 违反政策", "blocked", False),
    ("⚠️ 您的请求违反政策，请修改后重试", "blocked", False),
)

CHAT_SILENCE = (
    *(_case(f"canned {text}", chat(text), kind, retryable=again, says=text) for text, kind, again in _CANNED),
    _case("cr02 content_filter alone", _said("content_filter", content=""), "blocked", says="content_filter"),
    _case(
        "cr02 content_filter and no message", {"choices": [{"index": 0, "finish_reason": "content_filter"}]}, "blocked"
    ),
    _case("cr03 stop and null", _said(content=None), "no_image", retryable=True),
    _case("cr03 stop and null images", _said(content=None, images=None), "no_image", retryable=True),
    _case("cr03 stop and no images", _said(content="", images=[]), "no_image", retryable=True),
    _case("cr04 the tokens of a picture", _said(content=""), "no_image", retryable=True, says="other format"),
    _case("cr05 no choices", {"id": "x", "choices": [], "usage": {"total_tokens": 3}}, "no_image", retryable=True),
    _case(
        "cr05 choices are null", {"id": "x", "choices": None, "usage": {"total_tokens": 3}}, "no_image", retryable=True
    ),
    _case(
        "cr06 native reason says more",
        {"choices": [{"message": {"content": ""}, "finish_reason": "stop", "native_finish_reason": "IMAGE_SAFETY"}]},
        "blocked",
    ),
    _case("cr10 role error", _said(content="空响应次数达到上限", role="error"), "no_image", retryable=True),
    _case(
        "cr10 role error with other words",
        {"choices": [{"message": {"role": "error", "content": "gave up"}}]},
        "upstream",
        retryable=True,
        says="gave up",
    ),
    _case(
        "cr12 error object",
        {"error": {"message": "upstream failed", "type": "new_api_error", "code": "do_request_failed"}},
        "upstream",
        retryable=True,
    ),
    _case(
        "cr12 error object of a wrong key", {"error": {"message": "Incorrect API key provided", "code": 401}}, "auth"
    ),
    _case("cr12 error object, rate", {"error": {"message": "slow down", "code": "429"}}, "rate_limit", retryable=True),
    _case(
        "cr13 error in the choice",
        {"choices": [{"finish_reason": "error", "error": {"code": 429, "message": "busy"}}]},
        "rate_limit",
        retryable=True,
    ),
    _case(
        "cr13 error in the message",
        {"choices": [{"message": {"content": "", "error": {"code": 503, "message": "busy"}}}]},
        "upstream",
        retryable=True,
    ),
    _case("cr13 finish is error and nothing else", _said("error", content=""), "upstream", retryable=True),
    _case("cr14 refusal beside content", _said(content="", refusal="No."), "blocked", says="No."),
    _case("cr15 length", _said("length", content=""), "no_image", says="length"),
    _case("cr15 max_tokens", _said("MAX_TOKENS", content=None), "no_image"),
    _case(
        "cr16 moderation",
        {"code": "DataInspectionFailed", "message": "Input data may contain inappropriate content.", "request_id": "7"},
        "blocked",
    ),
    _case(
        "cr16 wrong key", {"code": "InvalidApiKey", "message": "Invalid API-key provided.", "request_id": "7"}, "auth"
    ),
    _case(
        "cr16 no money",
        {"code": "Arrearage", "message": "Access denied, account in arrears.", "request_id": "7"},
        "payment",
    ),
    _case(
        "cr16 rate",
        {"code": "Throttling.RateQuota", "message": "Requests exceed the limit", "request_id": "7"},
        "rate_limit",
        retryable=True,
    ),
    _case("cr16 parameter", {"code": "InvalidParameter", "message": "size is wrong", "request_id": "7"}, "bad_request"),
    _case(
        "cr16 inner",
        {"code": "InternalError", "message": "An internal error has occurred", "request_id": "7"},
        "upstream",
        retryable=True,
    ),
    _case(
        "cr16 in output",
        {"output": {"task_status": "FAILED", "code": "DataInspectionFailed", "message": "no"}, "request_id": "7"},
        "blocked",
    ),
    _case(
        "cr16 in empty output",
        {"output": {}, "code": "ModelNotFound", "message": "Model not found", "request_id": "7"},
        "not_found",
    ),
    _case(
        "cr17 preview links only",
        chat("> ID: `t`\n[数据预览](https://preview.relay.example/web/t)"),
        "no_image",
        says="数据预览",
    ),
    _case("a question back", chat("Which hat do you mean?"), "no_image", says="Which hat do you mean?"),
    _case("a tool call", _said("tool_calls", content=None, tool_calls=[{"id": "1"}]), "no_image", says="tool_calls"),
    _case("markdown image of nothing", chat("![image]()"), "no_image", says="![image]()"),
    _case(
        "upload failed and no bytes", chat("![one-hub-gemini-image](image upload err)"), "no_image", says="upload err"
    ),
    _case("content is a number", _said(content=7), "no_image", retryable=True),
    _case("choices is a text", {"choices": "none", "usage": {}}, "no_image", retryable=True),
    _case(
        "a damaged picture",
        _said(content="", images=["data:image/png;base64,iVBORw0KGgo="]),
        "malformed",
        retryable=True,
    ),
    _case("an error that is true", {"error": True, "message": "Quota of the day: daily limit reached"}, "quota"),
    _case("an error in a list", {"error": [{"message": "Unauthorized"}]}, "auth"),
    _case("errors in a list", {"errors": [{"message": "Unauthorized"}]}, "auth"),
)
