"""云南省人力资源和社会保障厅 — ASP.NET."""

import re

from spiders.families import AspPortal


class Rst(AspPortal):
    name = "yunnan_rst"
    code = "530000"
    site = "https://hrss.yn.gov.cn"
    rows = "div.info-list p"
    addresses = re.compile("")  # not known
    article = ".news-info"

    # Column and selectors as in a public Scrapy spider of this host, hrss_yn_gov_cn_gf.
    sections = {"annual_report": "/InfoPublic.aspx?cid=1019&pid=971&page=1&kw=", "guide": ""}
    known = {"annual_report": "seen"}
