"""The words for each effect, one row each, in English and Chinese.

A row higher up takes its words first: "blur the background" is gone before "blur" looks. Patterns see lower-case
text in which every quoted text has become one character of `QUOTE`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .colours import TINT_CHINESE, TINT_ENGLISH, either_language

QUOTE = "[\ue000-\uf8ff]"
_RATIO = r"\d{1,2} ?(?:[:x×/]|by|to) ?\d{1,2}(?!\d)"
_SHAPE = rf"(?:{_RATIO}|(?<![a-z])(?:square|portrait|landscape|widescreen)(?![a-z]))"
_SHAPE_ZH = r"(?:\d{1,2} ?[:x×比/] ?\d{1,2}|正?方形|横[版幅]|竖[版幅]|宽屏)"
_WHOLE = r"(?:it|this|that|everything|all|(?:(?:the|this|my|that|whole|entire) )+(?:picture|photo|image|scene|thing)s?)"
_WHOLE_ZH = r"(?:请|帮我|把|将|这张|这个|整张|整个|整体|它|图片?|照片|图像|画面|全部|都|的)"
_SCHEME = r"(?:(?:main|overall|whole|colou?r) ?)*(?:theme|style|tones?|colou?rs?|scheme|palette|mood|hue|look|feel)"
_SCHEME_ZH = r"(?:主题|主色|主调|风格|色调|颜色|色彩|整体|基调|配色|调子|的)"
_TO_ZH = r"(?:改|变|换|调|染|弄|转|设|做|上)(?:成|为|作|置?为|到)?"
_FILLER = (
    r"(?:(?:to|into|all|look|more|be|a|an|very|slightly|bit|little|much|really|completely|deep|bright|light|dark) )*"
)
_AFTER = (
    r"(?= ?(?:$|[^a-z ]|(?:tint|tones?|toned|theme|filter|wash|style|hue|mood|cast|overlay|look|colou?rs?|shades?|and"
    r"|then|with|but|please|all|everywhere|instead|now|in)(?![a-z])))"
)
"""What may follow a colour that is meant for the whole picture: “make it a red car” is not a tint."""
_AFTER_ZH = r"(?=$|[^\u4e00-\u9fff]|的?(?:色?调|主题|风格|滤镜|样|感|照片|图)|吧|系|并|再|然|和|加|,)"
_MAKE = r"(?:make|turn|change|convert|transform|set|switch|paint|colou?r|dye|render)"


@dataclass(frozen=True)
class Row:
    """Words for one effect. `usual` is its strength when no word says how much."""

    effect: str
    english: str
    chinese: str
    usual: float = 1.0

    @property
    def pattern(self) -> re.Pattern[str]:
        """Compiled for lower-case text; `re` keeps it."""
        return re.compile(either_language(self.english, self.chinese))


ROWS = (
    Row(
        "caption",
        rf"(?:captioned|caption|text|title|label|words?|write|writing|says?|saying|headline|add|put)"
        rf"[^,;.!?{QUOTE[1:-1]}]{{0,40}}?{QUOTE}"
        rf"|{QUOTE} ?(?:as )?(?:a |the )?(?:caption|text|title|label|on it|at the|in the|on the|across)",
        rf"(?:文字|字幕|标题|字样|写|加|添|题|配|印)[^,;.!?。{QUOTE[1:-1]}]{{0,12}}?{QUOTE}|{QUOTE}.{{0,2}}(?:字|标题)",
    ),
    Row("picture_in_picture", r"picture[- ]in[- ]picture|pip|insets?", "画中画|小窗"),
    Row(
        "side_by_side",
        r"side[- ]by[- ]side|next to each other|beside each other|in (?:a|one) row",
        "并排|左右拼接?|横向拼",
    ),
    Row("stack", r"stack(?:ed)?|on top of each other|above each other|one above the other", "上下拼接?|纵向拼|竖向拼"),
    Row("grid", r"grid|contact sheet|tiles?|tiled", "网格|宫格|九宫格|四宫格"),
    Row("collage", r"collage|scrapbook|polaroids?", "拼贴"),
    Row(
        "blend",
        r"blend(?:ed|ing)?|double exposure|superimpose|overlay|mix(?:ed)?|morph",
        "混合|叠加|融合|双重曝光|重叠",
    ),
    Row(
        "together",
        r"combin(?:e|ed|ing)|merg(?:e|ed|ing)|together|join(?:ed)?|stitch(?:ed)?"
        r"|(?:into|in) one (?:picture|image|photo)",
        "合成|拼接|合并|拼在一起|组合|拼图|拼成|合在一起|放在一起",
    ),
    Row(
        "black_and_white",
        r"black[- ]?(?:and|&|n|'n'|/)[- ]?white|b ?& ?w|b/w|bw|monochrom(?:e|atic)|gr[ae]y[- ]?scale"
        rf"|{_MAKE} {_WHOLE} (?:all )?gr[ae]y|de-?colou?ri[sz]ed?",
        f"黑白|灰度|去色|单色|{_TO_ZH}灰色?",
    ),
    Row("sepia", r"sepia(?:[- ]toned?)?", "棕褐色?|深褐色?|乌贼墨?|茶色"),
    Row(
        "vintage",
        r"vintage|retro|nostalgi[ac]|old[- ]?(?:photo(?:graph)?|film|fashioned|time[sy]?)|film look|aged",
        "复古|怀旧|老照片|胶片|泛黄|年代感",
    ),
    Row(
        "tint",
        rf"{_MAKE} (?:{_WHOLE} |(?:the |its |this |my )?{_SCHEME} (?:of {_WHOLE} )?)"
        rf"{_FILLER}(?:{TINT_ENGLISH}){_AFTER}"
        rf"|tint(?:ed)? (?:[a-z]+ ){{0,4}}?(?:{TINT_ENGLISH})"
        rf"|(?:{TINT_ENGLISH}) (?:colou?r )?(?:tint|tones?|toned|theme|filter|wash|style|hue|mood|cast|overlay|look)"
        rf"|in (?:shades of (?:{TINT_ENGLISH})|(?:{TINT_ENGLISH}) (?:shades|colou?rs|tones))",
        rf"{_SCHEME_ZH}{{1,5}}{_TO_ZH}(?:{TINT_CHINESE})色?{_AFTER_ZH}"
        rf"|(?:^|(?<=[,;.!?。、 ])){_WHOLE_ZH}{{0,6}}{_TO_ZH}(?:{TINT_CHINESE})色?{_AFTER_ZH}"
        rf"|染成?(?:{TINT_CHINESE})色?|(?:{TINT_CHINESE})色?(?:系|色?调|滤镜|主题|风格)",
        0.8,
    ),
    Row("vignette", r"vignett(?:e|ed|ing)|dark(?:en|er) (?:the |its )?(?:edges|corners|borders)", "暗角|晕影|压暗四角"),
    Row(
        "warmer",
        r"warm(?:er|th|ly)?|warm(?:ed)? up|less cold|golden hour",
        "暖色|暖一[点些]|更暖|变暖|调暖|温暖|偏暖|暖调",
    ),
    Row(
        "cooler",
        r"cooler|cool (?:it|tones?|colou?rs?|light|down|look)|colder|less warm|icy",
        "冷色|冷一[点些]|更冷|变冷|调冷|偏冷|冷调",
    ),
    Row(
        "less_contrast",
        r"(?:less|lower|reduced?|decreased?|soften(?:ed)?|weaker|low)(?: [a-z]+)? contrast|contrast (?:down|lower)",
        "(?:降低|减少|减小|减弱|更?低|弱化)[^,。]{0,4}对比度?|对比度?[^,。]{0,3}(?:低|弱|减|小)",
        0.3,
    ),
    Row("more_contrast", r"contrast(?:y|ier)?", "对比度?|反差", 0.35),
    Row(
        "less_saturation",
        r"desaturat(?:e|ed)|(?:less|lower|reduced?|decreased?)(?: [a-z]+)? (?:saturat(?:ed|ion)|colou?rful|vivid)"
        r"|muted|paler?|faded?|pastel",
        "(?:降低|减少|减小|减弱)[^,。]{0,4}饱和度?|饱和度?[^,。]{0,3}(?:低|减|小)|柔和|淡雅|淡一[点些]",
        0.5,
    ),
    Row(
        "more_saturation",
        r"saturat(?:e|ed|ion)|vivid|vibran(?:t|ce)|(?:more )?colou?rful|punch(?:y|ier)|richer colou?rs",
        "饱和度?|鲜艳|鲜明|艳丽|色彩丰富",
        0.6,
    ),
    Row(
        "darker",
        r"too bright|less bright|dark(?:er|en|ened)|dim(?:mer)?|overexposed",
        "太亮|变暗|调暗|更暗|压暗|加深|暗一[点些]|(?:降低|减少|调低)[^,。]{0,3}亮度",
        0.35,
    ),
    Row(
        "brighter",
        r"too dark|less dark|bright(?:er|en|ened|ness)?|lighter|lighten|more light|underexposed",
        "太暗|提亮|变亮|调亮|更亮|增亮|加亮|明亮|亮度|亮一[点些]",
        0.35,
    ),
    Row(
        "sharpen",
        r"sharp(?:en|er|ened|ness)?|crisp(?:er)?|deblur|unblur|less blur(?:ry|red)?|(?:more|clearer) details?",
        "锐化|清晰|更清楚|去模糊|锐利",
    ),
    Row(
        "background_blur",
        r"blur(?:red|ry|ring)?(?: out)? (?:the |its |my )?background|background (?:[a-z]+ ){0,3}?blur(?:red|ry)?|bokeh"
        r"|(?:shallow )?depth of field|portrait mode",
        "背景[^,。]{0,5}(?:虚化|模糊)|(?:虚化|模糊)[^,。]{0,3}背景|景深|散景|人像模式",
    ),
    Row("blur", r"blur(?:red|ry|ring)?|out of focus|soft focus|defocus(?:ed)?", "模糊|虚化|柔焦"),
    Row("pixelate", r"pixel(?:s|ate|ated|ation|ate it)?|pixel[- ]art|mosaic|8[- ]bit", "像素|马赛克"),
    Row("posterise", r"posteri[sz](?:e|ed|ation)|poster (?:effect|style|look)|pop[- ]art", "海报|色调分离|波普"),
    Row(
        "sketch",
        r"(?:(?:pencil|charcoal|graphite) )?sketch(?:ed|y)?|(?:pencil|line|charcoal) (?:drawing|art)",
        "素描|铅笔画?|线稿|速写",
    ),
    Row("cartoon", r"cartoon(?:ish|ify|s)?|comic(?: book)?|toon", "卡通|漫画"),
    Row("oil", r"oil[- ]?paint(?:ing|ed)?|painterly|(?:like|as|into) an? painting|impressionis[tm]", "油画|印象派"),
    Row(
        "invert",
        r"invert(?:ed)?|(?:a |photo |film |colou?r )negative|negative (?:image|film|effect)",
        "反色|反相|负片|颜色反转|反转颜色|底片",
    ),
    Row(
        "flip",
        r"(?:flip|mirror)(?:ped|ed|ing)?(?: [a-z]+){0,3}? (?:upside[- ]down|vertical(?:ly)?|horizontal(?:ly)?)"
        r"|(?:flip|mirror)(?:ped|ed|ing)?",
        "(?:水平|左右|垂直|上下)?(?:翻转|镜像|对称翻转)|(?:上下|左右)颠倒",
    ),
    Row(
        "rotate",
        r"rotat(?:e|ed|ing|ion)|upside[- ]down|(?:turn|spin|tilt)(?: it| this| (?:the|this|my) [a-z]+)?(?: by)? ?"
        r"(?:to the )?(?:left|right|clockwise|counter-?clockwise|anti-?clockwise|-?\d{1,3})",
        "[顺逆]时针(?:旋?转)?|旋转|转(?=动?-?\\d)|[向往]?[左右]转|倒过来|颠倒",
    ),
    Row(
        "pad",
        rf"(?:pad(?:ded|ding)?|letterbox(?:ed)?|extend(?: the canvas)?|fit)[^,;.]{{0,30}}?{_SHAPE}",
        rf"(?:填充|补成|补齐|留白|扩展|扩成|补白)[^,。]{{0,10}}?{_SHAPE_ZH}",
    ),
    Row(
        "crop",
        rf"(?:crop(?:ped)?|trim|cut)[^,;.]{{0,30}}?{_SHAPE}"
        rf"|{_MAKE} {_WHOLE} (?:(?:in)?to |an? |have |be ){{0,3}}{_SHAPE}"
        rf"|{_SHAPE} crop",
        rf"(?:裁剪|裁切|裁|剪|截)[^,。]{{0,10}}?{_SHAPE_ZH}|{_TO_ZH}{_SHAPE_ZH}",
    ),
    Row("border", r"(?:border(?:ed|s)?|(?:photo |picture )?frame(?:d)?)", "边框|相框|画框|加框|镶边|[白黑红蓝绿金]边"),
)

AMOUNTS = (
    (
        0.5,
        "a little ",
        re.compile(
            either_language(
                "slight(?:ly)?|a bit|a little|a touch|subtl[ey]|gent(?:le|ly)|somewhat|thin|mild(?:ly)?|soft(?:ly)?",
                "一点|一些|稍微|略微|轻微|稍稍|微微|细|薄|淡淡",
            )
        ),
    ),
    (
        1.8,
        "much ",
        re.compile(
            either_language(
                "very|much|strong(?:ly)?|a lot|heav(?:y|ily)|extreme(?:ly)?|super"
                "|intense(?:ly)?|dramatic(?:ally)?|thick|wide",
                "非常|很|强烈|大幅|特别|超级?|极|十分|浓|粗|厚",
            )
        ),
    ),
)
"""How much: factor, the word it gets in the answer, the words for it."""

SHAPES = (
    ((1, 1), re.compile("square|方形")),
    ((3, 4), re.compile("portrait|竖")),
    ((16, 9), re.compile("widescreen|宽屏")),
    ((4, 3), re.compile("landscape|横")),
)
"""Ratios that have a name."""

HINTS = (
    (
        re.compile(either_language("crop(?:ped)?|pad(?:ded|ding)?|trim", "裁剪|裁切|填充")),
        "For cropping or padding, name a ratio, such as “crop to 16:9” or “pad to a square”.",
    ),
    (
        re.compile(either_language("captions?|add (?:some |a )?text|write", "文字|字幕|标题|写")),
        "For a caption, put its words in quotes, such as add the text “Hello”.",
    ),
    (
        re.compile(either_language("tint(?:ed)?|recolou?r|colou?r scheme", "染色|主题色")),
        "For a tint, name a colour I know, such as “tint it blue”.",
    ),
)
"""Effects whose word was there and whose detail was not."""
