"""A recipe for JavaScript: a module for Node 18 or newer, which has `fetch` built in."""

from __future__ import annotations

from .literals import JAVASCRIPT
from .recipe import Key, Recipe

_POST = """
const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), redirect: "error" });
const text = await response.text();
if (!response.ok) throw new Error(`${response.status}: ${text.slice(0, 2000)}`);
"""

_FOUND = {
    "native": """
const parts = (JSON.parse(text).candidates ?? []).flatMap((candidate) => candidate.content?.parts ?? []);
const inline = parts.filter((part) => !part.thought).map((part) => part.inlineData ?? part.inline_data);
const found = inline.filter(Boolean).map((each) => each.data);
""",
    "chat": """
const urls = JSON.stringify(JSON.parse(text)).split("data:image/").slice(1);
const found = [...new Set(urls.map((each) => each.split(";base64,")[1]?.split(/[^A-Za-z0-9+/=]/)[0]))].filter(Boolean);
""",
}

_SAVE = """if (found.length === 0) throw new Error(`No picture came: ${text.slice(0, 2000)}`);
const suffixes = { iVBOR: ".png", "/9j/": ".jpg", UklGR: ".webp" };
found.forEach((data, index) => {
  const start = Object.keys(suffixes).find((each) => data.startsWith(each));
  const name = `result-${index + 1}${suffixes[start] ?? ".bin"}`;
  writeFileSync(name, Buffer.from(data, "base64"));
  console.log(name);
});
"""


def written(recipe: Recipe) -> str:
    """The snippet, a whole module."""
    needs = f" Needs {recipe.needs}." if recipe.needs else ""
    reading = "readFileSync, " if recipe.files else ""
    return "".join(
        [
            f"// Save as edit.mjs and run: node edit.mjs (Node 18 or newer).{needs}\n",
            f'import {{ {reading}writeFileSync }} from "node:fs";\n\n',
            'const picture = (name) => readFileSync(name, "base64");\n\n' if recipe.files else "",
            f"const url = new URL({JAVASCRIPT.literal(recipe.url)});\n",
            f"const headers = {JAVASCRIPT.literal(dict(recipe.headers))};\n",
            *map(_key, recipe.keys),
            f"const body = {JAVASCRIPT.literal(recipe.body)};\n",
            _POST,
            _FOUND[recipe.wire],
            _SAVE,
        ]
    )


def _key(key: Key) -> str:
    found = f"process.env.{key.variable}"
    if key.in_query:
        line = f'url.searchParams.set("{key.name}", {found});\n'
    else:
        line = f'headers["{key.name}"] = "{key.prefix}" + {found};\n'
    missing = f'if (!{found}) throw new Error("Set {key.variable} first.");\n'
    return missing + line if key.required else f"if ({found}) {line}"
