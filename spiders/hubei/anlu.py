"""安陆市人民政府 — a CMS of its own, pages end in .jhtml."""

import re

from spiders.families import StaticPortal


class Anlu(StaticPortal):
    name = "hubei_anlu"
    code = "420982"
    site = "https://www.anlu.gov.cn"
    rows = "a[href]"
    addresses = re.compile(r"/\d+\.jhtml$")

    # Both named in a public data script on the city's offices, 2026; their rows are not known.
    sections = {
        "annual_report": "/c/als/zfxxgknb.jhtml",
        "guide": "/c/als/zfxxgkzn.jhtml",
    }
    known = {"annual_report": "seen", "guide": "seen"}
