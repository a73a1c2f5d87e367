"""上海市人民政府 — a CMS of its own."""

import re

from spiders.families import StaticPortal


class Shanghai(StaticPortal):
    name = "shanghai_shanghai"
    code = "310000"
    site = "https://www.shanghai.gov.cn"
    rows = "a[href]"
    addresses = re.compile(r"/nw12344/\d{8}/[0-9a-f]{32}\.html$")

    # Its 2022 report is /nw12344/20230331/4a03b5fa47ae4c73b7ec42801de6be66.html.
    sections = {"annual_report": "/nw12344/index.html", "guide": ""}
    known = {"annual_report": "seen"}
