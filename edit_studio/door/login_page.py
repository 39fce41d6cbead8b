"""What a stranger sees of an app with logins: one small page without scripts, which asks nobody for anything more."""

from __future__ import annotations

from html import escape

FIELDS = ("username", "password")
"""How Gradio's clients name them."""

TITLE = "Edit Studio"
NAME = "Name"
PASSWORD = "Password"  # noqa: S105 - a word on the page
LOG_IN = "Log in"

_STYLE = """
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --line: #c3ccd6; --ink: #17202a; --deed: #0f766e;
  --on: #fff; --bad: #b42318; --soft: #e6f2f0; }
@media (prefers-color-scheme: dark) { :root { --back: #0e1419; --card: #161e26; --line: #3a4855; --ink: #e6ebf0;
  --deed: #2dd4bf; --on: #0b1116; --bad: #fda29b; --soft: #12302e; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 20px; background: var(--back);
  color: var(--ink); font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { width: 100%; max-width: 360px; }
form { padding: 28px; border: 1px solid var(--line); border-radius: 14px;
  background: var(--card); display: grid; gap: 16px; }
h1 { margin: 0; font-size: 22px; letter-spacing: -0.02em; display: flex; align-items: center; gap: 12px; }
svg { width: 36px; fill: none; stroke: var(--deed); stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
svg rect { fill: var(--soft); }
label { display: grid; gap: 6px; font-size: 14.5px; font-weight: 600; }
input, button { font: inherit; padding: 11px 12px; border-radius: 8px; border: 1px solid var(--line); width: 100%; }
input { background: var(--back); color: inherit; }
button { background: var(--deed); color: var(--on); border-color: transparent; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid var(--deed); outline-offset: 2px; }
p { margin: 0; color: var(--bad); font-weight: 600; }
"""

_MARK = (
    '<svg viewBox="0 0 32 32" aria-hidden="true"><rect x="3" y="6" width="26" height="20" rx="5"/>'
    '<path d="M16 6v20M16 22l-8-8 4-4 4 4"/><circle cx="22.5" cy="12" r="2.5"/></svg>'
)


def html(words: str = "") -> str:
    """The page; `words` say why the last try did not lead in."""
    username, password = FIELDS
    said = f'<p role="alert">{escape(words)}</p>' if words else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{TITLE}: {LOG_IN}</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style>
</head>
<body>
<main>
<form method="post" action="login">
<h1>{_MARK}{TITLE}</h1>
{said}
<label>{NAME}<input name="{username}" autocomplete="username" autocapitalize="none" required autofocus></label>
<label>{PASSWORD}<input name="{password}" type="password" autocomplete="current-password" required></label>
<button>{LOG_IN}</button>
</form>
</main>
</body>
</html>
"""
