"""Write Chinese names in Russian by the Palladius system."""

from __future__ import annotations

import re

INITIALS = {
    **dict(zip("bpmfdtnlgkhr", "бпмфдтнлгкхж", strict=True)),
    **{"j": "цз", "q": "ц", "x": "с", "zh": "чж", "ch": "ч", "sh": "ш"},
    **{"z": "цз", "c": "ц", "s": "с", "": ""},
}
FINALS = {
    **{"a": "а", "ai": "ай", "an": "ань", "ang": "ан", "ao": "ао", "e": "э", "ei": "эй"},
    **{"en": "энь", "eng": "эн", "er": "эр", "o": "о", "ong": "ун", "ou": "оу"},
    **{"i": "и", "ia": "я", "ian": "янь", "iang": "ян", "iao": "яо", "ie": "е", "in": "инь"},
    **{"ing": "ин", "iong": "юн", "iu": "ю", "u": "у", "ua": "уа", "uai": "уай", "uan": "уань"},
    **{"uang": "уан", "ui": "уй", "un": "унь", "uo": "о", "ü": "юй", "üe": "юэ", "üan": "юань"},
    "ün": "юнь",
}
#: Syllables without an initial, written with y and w.
WHOLE = {
    **{"ya": "я", "yan": "янь", "yang": "ян", "yao": "яо", "ye": "е", "yi": "и", "yin": "инь"},
    **{"ying": "ин", "yo": "йо", "yong": "юн", "you": "ю", "yu": "юй", "yuan": "юань"},
    **{"yue": "юэ", "yun": "юнь", "wa": "ва", "wai": "вай", "wan": "вань", "wang": "ван"},
    **{"wei": "вэй", "wen": "вэнь", "weng": "вэн", "wo": "во", "wu": "у", "hui": "хуэй"},
    **{"zi": "цзы", "ci": "цы", "si": "сы"},
}
SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcs]?)(.+)")


def to_russian(syllables: list[str]) -> str:
    """Write pinyin syllables (without tones) in Russian, "" if one is no syllable.

    >>> to_russian(["zheng", "zhou"]), to_russian(["xi", "an"]), to_russian(["chang", "an"])
    ('Чжэнчжоу', 'Сиань', 'Чанъань')
    """
    parts = [_syllable(syllable) for syllable in syllables]
    if not all(parts):
        return ""
    name = parts[0]
    for part in parts[1:]:
        # A vowel after the н of -ng is kept apart, so that it is not read as -n with a vowel.
        name += ("ъ" if name[-1] == "н" and part[0] in "аоуэеияюй" else "") + part
    return name[0].upper() + name[1:]


def _syllable(pinyin: str) -> str:
    if pinyin in WHOLE:
        return WHOLE[pinyin]
    match = SYLLABLE.fullmatch(pinyin)
    if match is None:
        return ""
    initial, final = match[1], match[2].replace("v", "ü")
    if initial in ("j", "q", "x") and final[0] == "u":
        final = "ü" + final[1:]
    if initial not in INITIALS or final not in FINALS:
        return ""
    return INITIALS[initial] + FINALS[final]
