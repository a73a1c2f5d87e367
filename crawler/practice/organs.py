"""Who publishes: three invented places and the organs of each. No such place exists."""

from dataclasses import dataclass

from crawler.practice.dice import dice

REFORM = 2018  # reports on this year and later carry the name given by the reform


@dataclass(frozen=True, slots=True)
class Place:
    """One government with its portal."""

    portal: str
    name: str
    rank: str
    host: str
    phone: str  # an area code that no place has
    postcode: str


HANWEB = Place("practice_hanweb", "演示市", "市", "www.yanshi.test", "0300", "990100")
HANWEB_GB = Place("practice_hanweb_gb", "老县", "县", "www.laoxian.test", "0301", "990200")
SHANDONG = Place("practice_shandong", "演山区", "区", "www.yanshan.test", "0302", "990300")
PLACES = (HANWEB, HANWEB_GB, SHANDONG)

BUREAUS = (  # sub-domain, name, name before the reform where it differed
    ("czj", "财政局", ""),
    ("jyj", "教育局", ""),
    ("mzj", "民政局", ""),
    ("nyj", "农业农村局", "农业局"),
    ("slj", "水利局", ""),
    ("jtj", "交通运输局", ""),
    ("wjj", "卫生健康局", "卫生和计划生育局"),
    ("sjj", "审计局", ""),
    ("tjj", "统计局", ""),
    ("zrj", "自然资源局", "国土资源局"),
    ("hbj", "生态环境局", "环境保护局"),
    ("scj", "市场监督管理局", "工商行政管理局"),
    ("yjj", "应急管理局", "安全生产监督管理局"),
    ("wlj", "文化和旅游局", "旅游局"),
    ("spj", "行政审批服务局", "政务服务中心管理办公室"),
    ("sfj", "司法局", ""),
    ("rsj", "人力资源和社会保障局", ""),
    ("zjj", "住房和城乡建设局", ""),
    ("swj", "商务局", ""),
    ("kjj", "科学技术局", ""),
    ("gxj", "工业和信息化局", "经济和信息化局"),
    ("cgj", "综合行政执法局", "城市管理局"),
    ("tyj", "体育局", ""),
    ("lyj", "林业局", ""),
)
TOWN_FIRST = "云石柳松青白梅沙竹荷枫泉芦杏"
TOWN_LAST = "溪湾岭店渡坪桥塘埠亭坡集"
TOWN_KINDS = (
    ("镇", "镇人民政府"),
    ("街道", "街道办事处"),
    ("乡", "乡人民政府"),
)


@dataclass(frozen=True, slots=True)
class Organ:
    """One 机关; `index` is unique in the city and seeds all its chance."""

    index: int
    place: Place
    slug: str
    level: str  # "government", "bureau" or "town"
    new_name: str
    old_name: str
    we: str

    def name(self, year: int) -> str:
        """The name printed on what concerns this year."""
        return self.new_name if year >= REFORM else self.old_name

    @property
    def order(self) -> int:
        """Its number within the place, from 0."""
        return self.index // len(PLACES)

    @property
    def size(self) -> int:
        """How much of everything happens here, roughly."""
        return {"government": 12, "bureau": 4, "town": 1}[self.level]


def organs(seed: int, count: int) -> tuple[Organ, ...]:
    """The city's organs, dealt to the three places in turn."""
    dealt = [_of_place(seed, place, len(range(n, count, 3))) for n, place in enumerate(PLACES)]
    return tuple(
        Organ(index, PLACES[index % 3], *dealt[index % 3][index // 3]) for index in range(count)
    )


def staff(seed: int, place: Place, count: int, first: int) -> tuple[Organ, ...]:
    """The organs of one place beside those of the city, numbered by threes from `first`."""
    rows = _of_place(seed, place, count)
    return tuple(Organ(first + 3 * at, place, *row) for at, row in enumerate(rows))


def _of_place(seed: int, place: Place, count: int) -> list[tuple[str, str, str, str, str]]:
    """The government first; then two bureaus to each town, then towns only."""
    bureaus = list(BUREAUS)
    dice(seed, place.portal, "bureaus").shuffle(bureaus)
    government = f"{place.name}人民政府"
    rows = [("zfb", "government", government, government, f"{place.rank}政府")]
    towns = 0
    while len(rows) < count:
        if bureaus and len(rows) % 3 != 2:
            slug, name, old = bureaus.pop()
            new_name, old_name = place.name + name, place.name + (old or name)
            rows.append((slug, "bureau", new_name, old_name, "我局" if old == "" else "本机关"))
        else:
            name, kind, suffix = _town(place, towns)
            full = f"{place.name}{name}{suffix}"
            rows.append((f"z{towns + 1:03d}", "town", full, full, f"我{kind}"))
            towns += 1
    return rows[:count]


def _town(place: Place, number: int) -> tuple[str, str, str]:
    if place is HANWEB_GB and number == 0:
        return "㙍头", *TOWN_KINDS[0]  # U+364D: in GB18030, not in GBK
    last, first = divmod(number, len(TOWN_FIRST))
    far, last = divmod(last, len(TOWN_LAST))
    name = TOWN_FIRST[first] + TOWN_LAST[last]
    if far:  # a very large city names its later towns by where they lie
        name = "东南西北上下"[far - 1] + name
    return name, *TOWN_KINDS[(first + last) % 3]
