"""Pages and plain words in the place of an answer."""

from __future__ import annotations

from .building import failed

_CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable JavaScript</body></html>"
_DASHBOARD = (
    b'<!doctype html><html lang="zh"><head><meta charset="utf-8"/><title>New API</title></head>'
    b'<body><div id="root"></div></body></html>'
)

PAGES = (
    failed("ce32 dashboard", 200, _DASHBOARD, "malformed", says="base URL"),
    failed("ce32 dashboard, 404", 404, _DASHBOARD, "not_found"),
    failed(
        "h01 Cloudflare 522",
        522,
        b"<html><head><title>relay.example | 522: Connection timed out</title></head></html>",
        "timeout",
        retryable=True,
    ),
    failed(
        "h03 plain 520",
        520,
        b"error code: 520",
        "upstream",
        retryable=True,
        headers={"content-type": "text/plain"},
        says="520",
    ),
    failed("h03 plain 524", 524, b"error code: 524", "timeout", retryable=True),
    failed("h03 plain 1015 under 429", 429, b"error code: 1015", "rate_limit", retryable=True),
    failed(
        "h05 nginx 504",
        504,
        b"<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body><hr><center>nginx</center></body></html>",
        "timeout",
        retryable=True,
    ),
    failed(
        "h05 nginx 502", 502, b"<html><head><title>502 Bad Gateway</title></head></html>", "upstream", retryable=True
    ),
    failed(
        "h06 challenge",
        403,
        _CHALLENGE,
        "upstream",
        headers={"cf-mitigated": "challenge", "server": "cloudflare"},
        says="bot check",
    ),
    failed("h06 challenge without its header", 403, _CHALLENGE, "upstream"),
    failed("h06 challenge under 503", 503, _CHALLENGE, "upstream"),
    failed("h08 a page under 401", 401, b"<html><head><title>401 Authorization Required</title></head></html>", "auth"),
    failed("h08 a redirect", 301, b"<html><head><title>301 Moved Permanently</title></head></html>", "not_found"),
    failed(
        "h08 a load balancer's words",
        503,
        b"upstream connect error or disconnect/reset before headers. reset reason: connection timeout",
        "upstream",
        retryable=True,
    ),
    failed("h08 no healthy upstream", 503, b"no healthy upstream", "upstream", retryable=True),
)
