"""A recipe for Python with httpx, the library that whoever runs this project already has."""

from __future__ import annotations

from .literals import PYTHON
from .recipe import Key, Recipe

_PICTURE = """

def picture(name):
    return base64.b64encode(Path(name).read_bytes()).decode()

"""

_POST = """
response = httpx.post(url, headers=headers, json=body, timeout=300)
if not response.is_success:
    raise SystemExit(f"{response.status_code}: {response.text[:2000]}")
"""

_FOUND = {
    "native": """
candidates = response.json().get("candidates", [])
parts = [part for candidate in candidates for part in candidate.get("content", {}).get("parts", [])]
inline = [part.get("inlineData") or part.get("inline_data") for part in parts if not part.get("thought")]
found = [each["data"] for each in inline if each]
""",
    "chat": """
answer = json.dumps(response.json())
found = list(dict.fromkeys(re.findall("data:image/[a-z]+;base64,([A-Za-z0-9+/=]+)", answer)))
""",
}

_SAVE = """if not found:
    raise SystemExit(f"No picture came: {response.text[:2000]}")
suffixes = {"iVBOR": ".png", "/9j/": ".jpg", "UklGR": ".webp"}
for number, data in enumerate(found, start=1):
    suffix = next((suffixes[start] for start in suffixes if data.startswith(start)), ".bin")
    Path(f"result-{number}{suffix}").write_bytes(base64.b64decode(data))
    print(f"result-{number}{suffix}")
"""


def written(recipe: Recipe) -> str:
    """The snippet, a whole program."""
    modules = ["base64", *(("json",) if recipe.wire == "chat" else ()), *(("os",) if recipe.keys else ())]
    modules += ["re"] if recipe.wire == "chat" else []
    needs = f", {recipe.needs}" if recipe.needs else ""
    return "".join(
        [
            f"# Needs httpx (pip install httpx){needs}\n",
            *(f"import {module}\n" for module in modules),
            "from pathlib import Path\n\nimport httpx\n",
            _PICTURE if recipe.files else "",
            f"\nurl = {PYTHON.literal(recipe.url)}\n",
            f"headers = {PYTHON.literal(dict(recipe.headers))}\n",
            *map(_key, recipe.keys),
            f"body = {PYTHON.literal(recipe.body)}\n",
            _POST,
            _FOUND[recipe.wire],
            _SAVE,
        ]
    )


def _key(key: Key) -> str:
    found = f'os.environ["{key.variable}"]'
    if key.in_query:
        line = f'url = httpx.URL(url).copy_add_param("{key.name}", {found})\n'
    else:
        line = f'headers["{key.name}"] = "{key.prefix}" + {found}\n'
    return line if key.required else f'if os.environ.get("{key.variable}"):\n    {line}'
