"""延安市教育局 — a CMS of its own, lists are 1.html, 2.html and so on."""

from spiders.families import StaticPortal


class YananJyj(StaticPortal):
    name = "shaanxi_yanan_jyj"
    code = "610600"
    site = "https://jyj.yanan.gov.cn"
    rows = "div[class*='m-lst']:not(.m-lst-pg):not(.m-lst-nav) li"
    pages = ".m-lst-pg a"
    article = ".m-txt-article"

    # Column and selectors as in a public Scrapy spider of this host, jyj_yanan_gov_cn_gk.
    sections = {"annual_report": "/zfxxgk/zfxxgknb/1.html", "guide": ""}
    known = {"annual_report": "seen"}
