"""Choose a Latin, a Chinese and a Russian name among the alternate names of GeoNames.

The records say nothing about the language of a name, so it is told by the script and by letters
that only some languages use. A wrong guess is a spelling of a neighbouring language; where no name
fits, the answer is "".
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from _palladius import to_russian

HAN = re.compile(r"^[\u4e00-\u9fff·]{2,12}$")
RUSSIAN = re.compile(r"^[А-Яа-яЁё][А-Яа-яЁё \-—.]{1,40}$")
#: Endings of Chinese names that say what kind of unit it is.
UNIT = re.compile(r"(?<=..)(市|县|區|区|镇|鎮|縣|地区|旗)$")
#: Traditional and Japanese forms that occur in the names, and their simplified forms.
TRADITIONAL = (
    "並亀亜亞仏仮來倉倫傑児兒內凱別則務勞勢勻區吳呂員喬営囲國圍園圖堅堯場塚塩壌壟壢奧婁孫宮實寧寶岡峴島峽崑崗嶺巣巻帯帶広庫廈"
    "廣張徳恵愛慶懐懷戶掛掲揚撫數晉曇東桜條棗楊楽樂橋橫櫻欖欞欽歲歳歷歸沢涼済渓湊溫滄滝漢漣澀澤濃濟濰濱瀋瀘瀨瀬灣烏無焼煙熱燒"
    "營爾狹瑪瓊畢発發盤盧磯礦禮稲窩竈竜節紀約納紹結綏綠維綾綿総緬縣羅義習聖聞聶腳臘臨臺興舊舖茲荊荘莊華萊萬葉蓋蓮蔵蕪薩蘇蘭衛"
    "補裡見観訥訶語諫諾謝謬豊豐貝貢貴買賀賈賓賴贛車軒輔辺連進運達遠遼邁邊鄉鄒鄔鄲釧鈴鉄銀銚錢錦錫鎌鎮鐵長門開間関關陽隨隴雙雞"
    "雲霧靜韋頂順須頓頭飯飾館饒馬駒驪魚魯鯖鳥鳴鴨鴻鶏鶴鷄鷹鹽麗麥黃黒齊齋龍龜呉戸渋郷嶋姫"
)
SIMPLIFIED = (
    "并龟亚亚佛假来仓伦杰儿儿内凯别则务劳势匀区吴吕员乔营围国围园图坚尧场冢盐壤垄坜奥娄孙宫实宁宝冈岘岛峡昆岗岭巢卷带带广库厦"
    "广张德惠爱庆怀怀户挂揭扬抚数晋昙东樱条枣杨乐乐桥横樱榄棂钦岁岁历归泽凉济溪凑温沧泷汉涟涩泽浓济潍滨沈泸濑濑湾乌无烧烟热烧"
    "营尔狭玛琼毕发发盘卢矶矿礼稻窝灶龙节纪约纳绍结绥绿维绫绵总缅县罗义习圣闻聂脚腊临台兴旧铺兹荆庄庄华莱万叶盖莲藏芜萨苏兰卫"
    "补里见观讷诃语谏诺谢谬丰丰贝贡贵买贺贾宾赖赣车轩辅边连进运达远辽迈边乡邹邬郸钏铃铁银铫钱锦锡镰镇铁长门开间关关阳随陇双鸡"
    "云雾静韦顶顺须顿头饭饰馆饶马驹骊鱼鲁鲭鸟鸣鸭鸿鸡鹤鸡鹰盐丽麦黄黑齐斋龙龟吴户涩乡岛姬"
)
TO_SIMPLIFIED = str.maketrans(TRADITIONAL, SIMPLIFIED)
#: Marks of other Cyrillic orthographies.
OTHER = ("ъ", "ьо", "йо", "ия", "ськ", "цьк", "дзь", "ць", "сць")
#: Chinese names split into syllables, as GeoNames has them beside the Chinese characters.
SPLIT = re.compile(r"[a-zü]+( [a-zü]+)+")
#: Chinese towns with a Russian name of their own.
CUSTOMARY = ("Харбин", "Порт-Артур", "Пекин", "Нанкин", "Мукден")
UNIT_WORDS = ("shi", "xian", "zhen", "qu", "cheng", "diqu", "xiang")
LATIN = {
    **dict(zip("абвгдезиклмнопрстуфыэ", "abvgdeziklmnoprstufye", strict=True)),
    "ж": "zh",
    "й": "y",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "ё": "yo",
}


def fold(name: str) -> str:
    """Fold case, accents, spaces and punctuation, so that spellings can be compared.

    >>> fold("Sükh-Baatar’"), fold("Йошкар-Ола")
    ('sukhbaatar', 'иошкарола')
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", kept)


def choose_latin(name: str, others: Iterable[str]) -> str:
    """Return the main name, or a Latin spelling of it if it stands in another script.

    >>> choose_latin("Слупчане", ["Slupchane", "Слупчане"])
    'Slupchane'
    """
    if _is_latin(name):
        return name
    return min(filter(_is_latin, others), key=lambda other: (len(other), other), default=name)


def _is_latin(name: str) -> bool:
    letters = [c for c in name if c.isalpha()]
    return bool(letters) and all(unicodedata.name(c, "").startswith("LATIN") for c in letters)


def choose_chinese(others: Iterable[str]) -> str:
    """Choose a name in simplified characters, without the word for its kind of unit.

    Characters outside GB 2312 are traditional or Japanese: those of the table are replaced, a name
    with another one is passed over.

    >>> choose_chinese(["蘇州", "苏州", "苏州市", "Suzhou"]), choose_chinese(["薩希瓦爾"])
    ('苏州', '萨希瓦尔')
    """
    counts: dict[str, float] = {}
    for name in filter(HAN.match, others):
        simple = name.translate(TO_SIMPLIFIED)
        if _is_simplified(simple):
            bare = UNIT.sub("", simple)
            counts[bare] = counts.get(bare, 0) + (1 if simple == name else 0.1)
    return min(counts, key=lambda name: (-counts[name], len(name), name), default="")


def _is_simplified(name: str) -> bool:
    try:
        name.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def choose_russian(others: Sequence[str], latin: str, country: str) -> str:
    """Choose the Cyrillic name that is most likely Russian.

    Parameters
    ----------
    others : sequence of str
        All alternate names.
    latin : str
        The Latin name; of several spellings the one that sounds most like it is taken.
    country : str
        ISO 3166 alpha-3. A Chinese name whose syllables are known is written by the Palladius
        system.

    Examples
    --------
    >>> choose_russian(["su zhou shi", "Суджоу", "Сучжоу", "Суџоу"], "Suzhou", "CHN")
    'Сучжоу'
    >>> choose_russian(["Алмати", "Алматы"], "Almaty", "KAZ")
    'Алматы'
    """
    names = [name for name in others if RUSSIAN.match(name) and name[0].isupper()]
    written = _palladius(others, latin) if country == "CHN" else ""
    if written and not any(name in CUSTOMARY for name in names):
        return written
    return max(names, key=lambda name: (_sounds_russian(name, latin), name), default="")


def _palladius(others: Iterable[str], latin: str) -> str:
    """Write the name by its syllables, if an alternate name shows them."""
    for name in filter(SPLIT.fullmatch, others):
        syllables = name.split()
        for kept in (syllables, syllables[:-1]):
            bare = kept is syllables or syllables[-1] in UNIT_WORDS
            if bare and kept and "".join(kept) == fold(latin):
                return to_russian(kept)
    return ""


def _sounds_russian(name: str, latin: str) -> float:
    low = name.lower()
    points = 0.01 * ("ы" in low) - 0.15 * sum(part in low for part in OTHER)
    return points + difflib.SequenceMatcher(None, fold(spell_russian(name)), fold(latin)).ratio()


def spell_russian(name: str) -> str:
    """Spell a Russian name in Latin letters, as in English.

    >>> spell_russian("Карши"), spell_russian("Усть-Каменогорск")
    ('Karshi', 'Ust-Kamenogorsk')
    """
    spelled = "".join(LATIN.get(c, c if not c.isalpha() else "") for c in name.lower())
    return re.sub(r"(^|[ -])(.)", lambda match: match[1] + match[2].upper(), spelled)
