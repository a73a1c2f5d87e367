"""Pages in every charset under every declaration: right, wrong, late, in the header, or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from crawler.practice.blocks import html
from tests.bench.extract_corpus import reports

HEADERS = (None, "text/html", "text/html; charset=utf-8", "text/html; charset=GBK",
           "text/html; charset=ISO-8859-1", "text/html; charset=big5")  # fmt: skip
METAS = ("", "utf-8", "gb2312", "gbk", "gb18030", "big5", "iso-8859-1", "unicode-1-1")
PLACES = ("first", "late", "commented")
RARE = "镕堃喆〇㐀"  # names of people and of villages: not in GB 2312, the last not in GBK
_TRADITIONAL = str.maketrans(
    "县镇乡厅务会关处长门问开众个几万与为义书习买乱争亚产亲从仅价优传伤体儿党兴养农写决况准划创动劳势区医华协单卖卫厂历压县参双发变号后员响团园围国图圆圣场块坚坏声备复够头夹奖妇学宁实审宫宽对寻导将尔层属岁币师带帮归当录态总惊愿战户护报担拟拥择损换据数断无旧时显术机权条来极构标样档检欢气汉没济测浓灭灵点热爱状独环现电画畅监盘着码确础离种积称稳竞笔类紧纪级线练组细织终经结给络统继续维绿网罗职联肃胜脑节药营蓝虑补装规视览觉计认议记许论设访评识诉词试话该详语误说请诸读课调谈谢责财质贫购费资赛赵车转轮软轻载较输边达迁过运还进远连选递遗邮释里针银错键问闭间闻队阳阴阶际陆险随隐难韩页顶项顺须预领频题额风飞验鱼龙",
    "縣鎮鄉廳務會關處長門問開眾個幾萬與為義書習買亂爭亞產親從僅價優傳傷體兒黨興養農寫決況準劃創動勞勢區醫華協單賣衛廠歷壓縣參雙發變號後員響團園圍國圖圓聖場塊堅壞聲備復夠頭夾獎婦學寧實審宮寬對尋導將爾層屬歲幣師帶幫歸當錄態總驚願戰戶護報擔擬擁擇損換據數斷無舊時顯術機權條來極構標樣檔檢歡氣漢沒濟測濃滅靈點熱愛狀獨環現電畫暢監盤著碼確礎離種積稱穩競筆類緊紀級線練組細織終經結給絡統繼續維綠網羅職聯肅勝腦節藥營藍慮補裝規視覽覺計認議記許論設訪評識訴詞試話該詳語誤說請諸讀課調談謝責財質貧購費資賽趙車轉輪軟輕載較輸邊達遷過運還進遠連選遞遺郵釋裡針銀錯鍵問閉間聞隊陽陰階際陸險隨隱難韓頁頂項順須預領頻題額風飛驗魚龍",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A page's bytes and Content-Type, and the text they were made of."""

    text: str
    encoding: str
    header: str | None
    body: bytes


def matrix(count: int) -> Iterator[Case]:
    """`count` reports, dealt over all charsets and declarations; each combination at least once."""
    papers = reports(count)
    bodies = [html(paper.write().blocks, "plain") for paper in papers]
    combined = product(("gb2312", "gbk", "gb18030", "utf-8", "big5"), HEADERS, METAS, PLACES)
    for number, (encoding, header, meta, place) in enumerate(combined):
        text = _page(bodies[number % len(bodies)], encoding, meta, place)
        yield Case(text, encoding, header, text.encode(encoding))


def _page(body: str, encoding: str, meta: str, place: str) -> str:
    declared = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' * bool(meta)
    if place == "late":
        declared = f"<script>{'var a = 1; ' * 300}</script>{declared}"
    elif place == "commented":
        declared = f"<!-- <meta charset=big5> -->{declared}"
    names = {"gb2312": "", "big5": "堃喆", "gbk": RARE[:4]}.get(encoding, RARE)
    said = (
        f"<html><head>{declared}<title>年报</title></head><body>{body}<p>{names}</p></body></html>"
    )
    said = said.translate(_TRADITIONAL) if encoding == "big5" else said
    return said.encode(encoding, "ignore").decode(encoding)  # what it cannot say was never written
