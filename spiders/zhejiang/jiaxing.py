"""嘉兴市人民政府 — Hanweb JCMS."""

from spiders.families import HanwebPortal


class Jiaxing(HanwebPortal):
    name = "zhejiang_jiaxing"
    code = "330400"
    site = "https://www.jiaxing.gov.cn"

    # Its office's 2023 report is /art/2024/1/17/art_1229779129_5251843.html.
    sections = {"annual_report": "/col/col1229779129/index.html", "guide": ""}
    known = {"annual_report": "seen"}
