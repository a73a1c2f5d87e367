"""旧埠区人民政府 — a practice portal of ASP.NET pages, by postback, behind TLS 1.0."""

from spiders.families import AspPortal


class Aspx(AspPortal):
    name = "practice_aspx"
    code = "991700"
    site = "https://www.jiubu.test"

    sections = {
        "annual_report": "/jbweb/xxgk/MoreInfo.aspx?CategoryNum=003001",
        "guide": "/jbweb/xxgk/MoreInfo.aspx?CategoryNum=003002",
    }
