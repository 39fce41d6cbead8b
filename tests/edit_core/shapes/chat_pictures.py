"""Chat answers with a picture, unstreamed."""

from __future__ import annotations

from typing import Any

from .building import LINK, OTHER_LINK, Shape, b64, chat, dump, image_item, url

GREEN = url("green.png")


def _case(id: str, document: Any, *pictures: str, **more: Any) -> Shape:
    return Shape(id, "chat", dump(document) if not isinstance(document, bytes) else document, pictures, **more)


def _said(**message: Any) -> dict[str, Any]:
    return chat({"role": "assistant", **message})


_MIXED = {"created": 1, "model": "m"}

CHAT_PICTURES = (
    _case("c02 text and picture by newline", chat(f"Here it is.\n![image]({GREEN})"), "green.png", says="Here it is."),
    _case("c02 text on both sides", chat(f"A\n![image]({GREEN})\nB"), "green.png", says="A"),
    _case(
        "c04 type unknown to the relay",
        chat(f"[media](data:application/octet-stream;base64,{b64('green.png')})"),
        "green.png",
    ),
    _case("c04 film and picture", chat(f"[media](data:video/mp4;base64,AAAA)\n![image]({GREEN})"), "green.png"),
    _case("c04 no type", chat(f"![image](data:;base64,{b64('green.png')})"), "green.png"),
    _case(
        "c06 reasoning details are no pictures",
        _said(
            content="",
            images=[image_item("green.png")],
            reasoning_details=[{"type": "reasoning.encrypted", "data": b64("red.png")}],
        ),
        "green.png",
    ),
    _case("c08 image is an object", _said(content="", image={"url": GREEN, "detail": "auto"}), "green.png"),
    _case("c08 image is a text", _said(content="Done", image=GREEN), "green.png", says="Done"),
    _case("c09 bare data URL and words", chat(f"Done: {GREEN} Enjoy."), "green.png", says="Enjoy."),
    _case(
        "c10 drafts unflagged, with index",
        {
            **_said(
                content=None,
                reasoning_content=None,
                tool_calls=None,
                images=[image_item("red.jpg", index=0), image_item("green.jpg", index=1)],
            ),
            "created": 0,
        },
        "red.jpg",
        "green.jpg",
    ),
    _case(
        "c12 empty objects among the parts",
        _said(
            content="Hi",
            multi_mod_content=[
                {"text": "", "inlineData": {}},
                {"inlineData": {"mimeType": "", "data": ""}},
                {"text": "", "inlineData": {"mimeType": "image/png", "data": b64("green.png")}},
            ],
        ),
        "green.png",
        says="Hi",
    ),
    _case(
        "c12 camel case, text in the parts",
        _said(content=None, multi_mod_content=[{"text": "Hi"}, {"inlineData": {"data": b64("green.png")}}]),
        "green.png",
        says="Hi",
    ),
    _case("c14 content is a list", _said(content=[{"type": "image_url", "image_url": {"url": GREEN}}]), "green.png"),
    _case("c14 content is one part", _said(content={"type": "image_url", "image_url": {"url": GREEN}}), "green.png"),
    _case("c14 content is a list of one text", _said(content=[f"![x]({GREEN})"]), "green.png"),
    _case(
        "c14 content holds parts",
        _said(content={"parts": [{"text": "Hi"}, {"inlineData": {"data": b64("green.png")}}]}),
        "green.png",
        says="Hi",
    ),
    _case(
        "c14 image_url within text parts",
        _said(content=[{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": GREEN}]),
        "green.png",
        says="Hi",
    ),
    _case(
        "c16 image with data",
        _said(content=[{"type": "image", "data": b64("green.png"), "mimeType": "image/png"}]),
        "green.png",
    ),
    _case("c16 image with base64", _said(content=[{"type": "image", "base64": b64("green.png")}]), "green.png"),
    _case("c16 image with b64_json", _said(content=[{"type": "image", "b64_json": b64("green.png")}]), "green.png"),
    _case("c16 image_base64", _said(content=[{"type": "image_base64", "image_base64": b64("green.png")}]), "green.png"),
    _case(
        "c16 image holds an object",
        _said(content=[{"type": "image", "image": {"b64_json": b64("green.png")}}]),
        "green.png",
    ),
    _case(
        "c16 source as Anthropic writes it",
        _said(
            content=[
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64("green.png")}}
            ]
        ),
        "green.png",
    ),
    _case("c16 output_image", _said(content=[{"type": "output_image", "image_url": GREEN}]), "green.png"),
    _case(
        "c18 upload failed beside the bytes",
        _said(content="![one-hub-gemini-image](image upload err)", image=[{"data": b64("green.png")}]),
        "green.png",
    ),
    _case(
        "c18 bytes are a bare text",
        _said(content="![one-hub-gemini-image](image upload err)", image=b64("green.png")),
        "green.png",
    ),
    _case("c20 gcli2api", chat(f"![gemini-generated-content]({GREEN})"), "green.png"),
    _case(
        "c22 image link and text in parts",
        _said(content=[{"image": LINK}, {"text": "Done"}]),
        links=(LINK,),
        says="Done",
    ),
    _case("c22 image bytes in parts", _said(content=[{"image": GREEN}, {"text": "Done"}]), "green.png", says="Done"),
    _case(
        "c23 wrapped, with a text beside",
        {"output": {"text": None, "choices": [{"message": {"content": [{"image": LINK}]}}]}, "request_id": "5e7a"},
        links=(LINK,),
    ),
    _case("c23 results of a task", {"output": {"task_status": "SUCCEEDED", "results": [{"url": LINK}]}}, links=(LINK,)),
    _case(
        "c24 a chunk with media outputs",
        {
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": {"role": "assistant", "content": LINK}, "finish_reason": "stop"}],
            "media": {"outputs": [LINK]},
        },
        links=(LINK,),
    ),
    _case(
        "c24 media outputs alone",
        {"choices": [{"delta": {"content": ""}}], "media": {"outputs": [{"type": "image", "url": LINK}]}},
        links=(LINK,),
    ),
    _case(
        "c26 empty delta beside the message",
        {"choices": [{"delta": {}, "message": {"content": f"![x]({GREEN})"}, "finish_reason": "stop"}]},
        "green.png",
    ),
    _case(
        "c26 delta with the picture beside an empty message",
        {"choices": [{"delta": {"content": f"![x]({GREEN})"}, "message": {"content": None}}]},
        "green.png",
    ),
    _case("c28 bare base64", chat(b64("green.png")), "green.png"),
    _case("c28 bare base64 of a jpeg", chat(f"\n{b64('green.jpg')}\n"), "green.jpg"),
    _case("c28 bare base64 of a webp in backticks", chat(f"`{b64('green.webp')}`"), "green.webp"),
    _case("c28 bare base64 with line breaks", chat(b64("noise.png")[:76] + "\n" + b64("noise.png")[76:]), "noise.png"),
    _case("c30 image_url is a text", _said(content=[{"type": "image_url", "image_url": GREEN}]), "green.png"),
    _case("c30 image_url of the message", _said(content="", image_url=GREEN), "green.png"),
    _case(
        "c31 an item is a link",
        _said(content=None, images=[{"image_url": {"url": LINK}}, OTHER_LINK]),
        links=(LINK, OTHER_LINK),
    ),
    _case(
        "c31 bytes and a link beside them",
        _said(content=None, images=[image_item("green.png"), LINK]),
        "green.png",
        links=(LINK,),
    ),
    _case("c31 images is one object", _said(content=None, images=image_item("green.png")), "green.png"),
    _case("c31 images is one text", _said(content=None, images=GREEN), "green.png"),
    _case("c31 items in lists", _said(content=None, images=[[image_item("green.png")]]), "green.png"),
    _case(
        "c31 bare base64 items",
        _said(content=None, images=[b64("red.png"), {"data": b64("blue.png")}]),
        "red.png",
        "blue.png",
    ),
    _case("c31 camel case", _said(content=None, images=[{"imageUrl": {"url": GREEN}}]), "green.png"),
    _case("c32 newlines before the JSON", b"\n\n \n" + dump(chat(f"![x]({GREEN})")), "green.png"),
    _case("c32 many newlines", b"\n" * 5000 + dump(chat(f"![x]({GREEN})")), "green.png"),
    _case(
        "c33 images of the images endpoint",
        {**_MIXED, "data": [{"b64_json": b64("red.png")}, {"b64_json": b64("blue.png")}]},
        "red.png",
        "blue.png",
    ),
    _case("c33 both fields, one empty", {**_MIXED, "data": [{"b64_json": "", "url": LINK}]}, links=(LINK,)),
    _case("c33 both fields, one null", {**_MIXED, "data": [{"b64_json": b64("green.png"), "url": None}]}, "green.png"),
    _case("c33 both fields filled", {**_MIXED, "data": [{"b64_json": b64("green.png"), "url": LINK}]}, "green.png"),
    _case("c33 data is one object", {**_MIXED, "data": {"url": LINK}}, links=(LINK,)),
    _case("c34 links under data", {**_MIXED, "data": [{"url": LINK}, {"url": OTHER_LINK}]}, links=(LINK, OTHER_LINK)),
    _case("c34 links under data, choices empty", {**_MIXED, "choices": [], "data": [{"url": LINK}]}, links=(LINK,)),
    _case("c34 links under data, content empty", {**chat(""), "data": [{"url": LINK}]}, links=(LINK,)),
    _case("c34 two bare links", chat(f"{LINK}\n{OTHER_LINK}"), links=(LINK, OTHER_LINK)),
    _case("c35 same link twice", _said(content=f"![x]({LINK})", images=[LINK]), links=(LINK,)),
    _case(
        "c36 attachments with a link",
        _said(content="Done", attachments=[{"url": LINK, "contentType": "image/png"}]),
        links=(LINK,),
        says="Done",
    ),
    _case(
        "c36 attachments with bytes",
        _said(content="Done", attachments=[{"type": "image", "data": b64("green.png")}]),
        "green.png",
    ),
    _case(
        "c36 an attachment that is a text",
        _said(content=f"![x]({GREEN})", attachments=[{"type": "text/plain", "url": LINK}]),
        "green.png",
    ),
    _case("c40 business2api", chat(f"![生成的图片]({GREEN})"), "green.png"),
    _case(
        "c40 failed lines around good ones",
        chat(f"![生成的图片]({GREEN})\n\n⚠️ 图片 2 下载失败\n\n![生成的图片]({url('red.png')})"),
        "green.png",
        "red.png",
        says="下载失败",
    ),
    _case("c43 link in angle brackets with blanks", chat(f"![x](< {LINK} >)"), links=(LINK,)),
    _case("c43 link with a title in single quotes", chat(f"![x]({LINK} 'a title')"), links=(LINK,)),
    _case("c43 link that is a link itself", chat(f"[![x]({LINK})](https://page.example)"), links=(LINK,)),
    _case("c43 brackets in the words before", chat(f"[1] (see) ](x) ![x]({LINK})"), links=(LINK,)),
    _case("c45 bare link in angle brackets", chat(f"<{LINK}>"), links=(LINK,)),
    _case("data URL with a title", chat(f'![x]({GREEN} "a title")'), "green.png"),
    _case("data URL without a closing bracket", chat(f"![x]({GREEN}"), "green.png"),
    _case("data URL in a fence", chat(f"```\n{GREEN}\n```"), "green.png"),
    _case("data URL in JSON in the words", chat(f'{{"image": "{GREEN}"}}'), "green.png"),
    _case("data URL in capitals", chat(f"![x](DATA:image/png;base64,{b64('green.png')})"), "green.png"),
    _case("Chinese words around the bytes", chat(f"生成完成 ![图]({GREEN}) 完"), "green.png", says="生成完成"),
    _case(
        "two choices",
        {
            "choices": [
                {"index": 0, "message": {"content": f"![]({GREEN})"}},
                {"index": 1, "message": {"content": f"![]({url('red.png')})"}},
            ]
        },
        "green.png",
        "red.png",
    ),
    _case("choices is an object", {"choices": {"message": {"content": f"![]({GREEN})"}}}, "green.png"),
    _case("message is a text", {"choices": [{"message": f"![]({GREEN})"}]}, "green.png"),
    _case("text instead of a message", {"choices": [{"text": f"![]({GREEN})", "index": 0}]}, "green.png"),
    _case("list around it", [chat(f"![]({GREEN})")], "green.png"),
    _case("wrapped in data", {"code": 200, "msg": "success", "data": chat(f"![]({GREEN})")}, "green.png"),
    _case("picture in reasoning only", _said(content="", reasoning_content=f"![]({GREEN})"), "green.png"),
    _case("link in reasoning only", _said(content="", reasoning_content=f"![]({LINK})"), links=(LINK,)),
    _case(
        "sketch in reasoning",
        _said(content=f"![]({GREEN})", reasoning_content=f"![]({url('red.png')})"),
        "green.png",
        drafts=("red.png",),
    ),
    _case(
        "an empty error beside it",
        {**chat(f"![]({GREEN})"), "error": {"message": "", "type": "", "param": "", "code": None}},
        "green.png",
    ),
    _case("error null beside it", {**chat(f"![]({GREEN})"), "error": None}, "green.png"),
    _case("a message beside it", {**chat(f"![]({GREEN})"), "message": "success", "code": 0}, "green.png"),
    _case(
        "nulls everywhere",
        {
            "id": None,
            "model": None,
            "usage": None,
            "choices": [
                None,
                {
                    "index": None,
                    "finish_reason": None,
                    "message": {"content": f"![]({GREEN})", "images": None, "refusal": None},
                },
            ],
        },
        "green.png",
    ),
    _case(
        "usage in other types",
        {**chat(f"![]({GREEN})"), "usage": {"prompt_tokens": "264", "cost": "0.04"}},
        "green.png",
    ),
    _case("picture though filtered", chat(f"![]({GREEN})", finish="content_filter"), "green.png"),
    _case(
        "one good picture and one damaged",
        _said(content=None, images=[image_item("green.png"), "data:image/png;base64,AAAA"]),
        "green.png",
    ),
    _case("a bare JSON text with a link", f'"{LINK}"'.encode(), links=(LINK,)),
    _case(
        "the other format answers",
        {"candidates": [{"content": {"parts": [{"inlineData": {"data": b64("green.png")}}]}}]},
        "green.png",
    ),
)
