"""An ASP.NET portal: pages by postback, each from the state of the one before; https, TLS 1.0."""

from base64 import b64decode, b64encode
from hashlib import sha256
from uuid import UUID

from crawler.practice.answer import Answer, plain
from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, count, facts, part
from crawler.practice.dice import dice
from crawler.practice.organs import Place
from crawler.practice.paper import Paper

LIST = "/jbweb/xxgk/MoreInfo.aspx"
REPORTS, GUIDES = "003001", "003002"
PAGER = "MoreInfoList1$Pager"
PER_PAGE = 3
SHOWN = 3  # numbers of pages beside each other


class AspxSite(CmsSite):
    """Pages follow `__doPostBack`: a state that is not its own, or a page that was not on offer,
    is an error of the server."""

    place = Place("practice_aspx", "旧埠区", "区", "www.jiubu.test", "0321", "991700")
    sections = {
        "政府信息公开年报": f"{LIST}?CategoryNum={REPORTS}",
        "政府信息公开指南": f"{LIST}?CategoryNum={GUIDES}",
    }
    files = ("pdf",)
    scheme = "https"

    def address(self, paper: Paper, number: int) -> str:
        guid = UUID(int=dice(self.seed, self.host, number).getrandbits(128))
        category = GUIDES if paper.kind == GUIDE else REPORTS
        where = "/jbweb/InfoDetail/Default.aspx"
        return f"https://{self.host}{where}?InfoID={guid}&CategoryNum={category}"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:  # noqa: ARG002
        return f"https://{self.host}/jbweb/UploadFile/{number}.{ending}"

    def refused(self, asked: Asked) -> Answer | None:
        if asked.method != "POST" or asked.path != LIST:
            return None
        category, page, mac = _opened(asked.fields.get("__VIEWSTATE", ""))
        if mac != self._mac(category, page) or category != asked.fields.get("CategoryNum"):
            return plain(500, "验证视图状态 MAC 失败")
        offered = _opened(asked.fields.get("__EVENTVALIDATION", ""))
        target, wanted = (asked.fields.get(f"__EVENT{name}") for name in ("TARGET", "ARGUMENT"))
        if target != PAGER or wanted not in offered[1].split(",") or offered[2] != mac:
            return plain(500, "回发或回调参数无效")
        return None

    def listing(self, asked: Asked) -> str | None:
        category = asked.fields.get("CategoryNum", "")
        if asked.path != LIST or category not in {REPORTS, GUIDES}:
            return None
        found = self.column(GUIDE) if category == GUIDES else self.column()
        pages = count(found, PER_PAGE)
        at = asked.number("__EVENTARGUMENT") if asked.method == "POST" else 1
        rows = "\n".join(_row(entry) for entry in part(found, at, PER_PAGE))
        rows += f"\n<tr><td>·<a href='{self.mirrored(found[0])}'>{found[0].title}</a></td></tr>"
        offered = _offered(at, pages)
        mac = self._mac(category, str(at))
        hidden = {
            "__EVENTTARGET": "",
            "__EVENTARGUMENT": "",
            "__VIEWSTATE": _sealed(category, str(at), mac),
            "__VIEWSTATEGENERATOR": "5C0F1F0A",
            "__EVENTVALIDATION": _sealed("", ",".join(map(str, offered.values())), mac),
        }
        inputs = "\n".join(
            f'<input type="hidden" name="{name}" id="{name}" value="{value}" />'
            for name, value in hidden.items()
        )
        links = " ".join(
            f"<a href=\"javascript:__doPostBack('{PAGER}','{number}')\">{words}</a>"
            for words, number in offered.items()
        )
        body = f"""<form method="post" action="./MoreInfo.aspx?CategoryNum={category}" id="Form1">
{inputs}
<input name="MoreInfoList1$txtTitle" type="text" value="" />
<input type="submit" name="MoreInfoList1$btnOK" value="搜索" />
<table id="MoreInfoList1_DataGrid1">
{rows}
</table>
<div id="MoreInfoList1_Pager">总记录数：<font><b>{len(found)}</b></font> 总页数：<b>{pages}</b>
 当前页：<font color="red"><b>{at}</b></font> <span>{at}</span> {links}</div>
</form>"""
        return self.frame("信息公开", body)

    def _mac(self, category: str, page: str) -> str:
        return sha256(f"{self.seed} {category} {page}".encode()).hexdigest()[:20]

    def article(self, entry: Entry, text: str) -> str:
        body = (
            f"<h1>{entry.title}</h1><p>{entry.paper.name}　信息时间：{entry.day}</p>\n"
            f"<table><tr><td class='infodetail' id='TDContent'>\n{text}\n</td></tr></table>"
        )
        return self.frame(entry.title, body, facts(entry))


def _offered(at: int, pages: int) -> dict[str, int]:
    """The pages that one can go to from here: a few numbers, the next, the last."""
    first = (at - 1) // SHOWN * SHOWN + 1
    numbers = {str(n): n for n in range(first, min(first + SHOWN, pages + 1)) if n != at}
    further = {"...": first + SHOWN} if first + SHOWN <= pages else {}
    onward = {"下一页": at + 1, "尾页": pages} if at < pages else {}
    return {**numbers, **further, **onward}


def _sealed(*parts: str) -> str:
    return b64encode("|".join(parts).encode()).decode()


def _opened(text: str) -> tuple[str, str, str]:
    """What `_sealed` closed; empty words where it did not."""
    try:
        first, second, third = b64decode(text, validate=True).decode().split("|")
    except ValueError:
        return "", "", ""
    return first, second, third


def _row(entry: Entry) -> str:
    link = entry.linked.partition("/jbweb/")[2]
    return (
        f'<tr><td>·<a href="/jbweb/{link}" title="{entry.title}" target="_blank">'
        f"{entry.title[:20]}...</a></td><td>{entry.day}</td></tr>"
    )
