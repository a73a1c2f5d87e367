"""湖州市吴兴区人民政府 — Hanweb JPaaS."""

from spiders.families import JpaasPortal


class Wuxing(JpaasPortal):
    name = "zhejiang_wuxing"
    code = "330502"
    site = "http://www.wuxing.gov.cn"

    # Its 2024 report is art/2025/art_73c4b12b28c24b6f875086653707c9ce.html in this column.
    sections = {"annual_report": "/xxgk/xxgknbbzlm266/index.html", "guide": ""}
    known = {"annual_report": "seen"}
