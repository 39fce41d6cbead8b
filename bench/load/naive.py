"""The app as it is usually written: `python -m bench.load.naive`. Settings by environment: RELAY, PORT.

A function that is not async, the whole answer in memory, base64 from the standard library, Pillow, and Gradio's
defaults, with one exception in its favour: `concurrency_limit=None`, for by default Gradio runs one edit at a time.
So it holds as many as Gradio has threads, which is 40. It takes the photo as a file, where most take it as decoded
pixels and encode it anew.
"""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path

import gradio as gr
import httpx
from PIL import Image


def edit(photo: str, prompt: str) -> Image.Image:
    """The edited picture."""
    letters = base64.b64encode(Path(photo).read_bytes()).decode()
    parts = [{"text": prompt}, {"inlineData": {"mimeType": "image/jpeg", "data": letters}}]
    answer = httpx.post(
        f"{os.environ['RELAY']}/v1beta/models/stub:generateContent",
        json={"contents": [{"role": "user", "parts": parts}]},
        timeout=300,
    )
    answer.raise_for_status()
    for part in answer.json()["candidates"][0]["content"]["parts"]:
        if "inlineData" in part:
            return Image.open(io.BytesIO(base64.b64decode(part["inlineData"]["data"])))
    raise gr.Error("No picture came.")


def main() -> None:
    """Serve it until it is ended."""
    with gr.Blocks() as page:
        photo = gr.Image(type="filepath", label="Photo")
        prompt = gr.Textbox(label="Prompt")
        button = gr.Button("Edit")
        result = gr.Image(label="Result")
        button.click(edit, [photo, prompt], result, concurrency_limit=None)
    page.launch(server_name="127.0.0.1", server_port=int(os.environ["PORT"]))


if __name__ == "__main__":
    main()
