"""Theme, style sheet and script: what `launch` is given besides the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

ASSETS = Path(__file__).parents[2] / "assets"

SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Noto Sans CJK SC", "sans-serif"]
MONO_FONTS = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]


def look() -> dict[str, Any]:
    """Keyword arguments for `Blocks.launch`. Fonts are the system's: the page asks nobody else for anything."""
    return {
        "theme": _theme(),
        "css_paths": [ASSETS / "style.css"],
        # In the head, because it has to be there before the page asks for its first event.
        "head": f"<script>{_text('stream.js')}</script>",
        "js": _text("page.js"),
    }


def _text(asset: str) -> str:
    return (ASSETS / asset).read_text(encoding="utf-8")


def _theme() -> gr.themes.Base:
    theme = gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_lg,
        text_size=gr.themes.sizes.text_md,
        font=SYSTEM_FONTS,
        font_mono=MONO_FONTS,
    )
    # White on teal 700 and near-black on teal 400 both pass 4.5:1; Gradio's own primary button does not.
    return theme.set(
        body_background_fill="#f6f7f9",
        body_background_fill_dark="#0e1419",
        block_background_fill="#ffffff",
        block_background_fill_dark="#161e26",
        block_border_color="#dfe4ea",
        block_border_color_dark="#2a3641",
        block_shadow="none",
        block_shadow_dark="none",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_text_color="#334155",
        block_label_text_color_dark="#cbd5e1",
        block_title_text_color="#334155",
        block_title_text_color_dark="#cbd5e1",
        block_title_text_weight="600",
        body_text_color="#17202a",
        body_text_color_dark="#e6ebf0",
        body_text_color_subdued="#52606d",
        body_text_color_subdued_dark="#a3b1bf",
        input_background_fill="#ffffff",
        input_background_fill_dark="#10171e",
        input_border_color="#c3ccd6",
        input_border_color_dark="#3a4855",
        input_border_color_focus="#0f766e",
        input_border_color_focus_dark="#2dd4bf",
        input_placeholder_color="#64707d",
        input_placeholder_color_dark="#93a1af",
        button_primary_background_fill="#0f766e",
        button_primary_background_fill_hover="#115e59",
        button_primary_text_color="#ffffff",
        button_primary_background_fill_dark="#2dd4bf",
        button_primary_background_fill_hover_dark="#5eead4",
        button_primary_text_color_dark="#05201d",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_hover="#eef2f5",
        button_secondary_border_color="#c3ccd6",
        button_secondary_text_color="#17202a",
        button_secondary_background_fill_dark="#1c2630",
        button_secondary_background_fill_hover_dark="#26323e",
        button_secondary_border_color_dark="#3a4855",
        button_secondary_text_color_dark="#e6ebf0",
        button_cancel_background_fill="#ffffff",
        button_cancel_background_fill_hover="#fdf0ee",
        button_cancel_border_color="#b42318",
        button_cancel_text_color="#b42318",
        button_cancel_background_fill_dark="#1c2630",
        button_cancel_background_fill_hover_dark="#3a2320",
        button_cancel_border_color_dark="#fda29b",
        button_cancel_text_color_dark="#fda29b",
        button_border_width="1px",
    )
