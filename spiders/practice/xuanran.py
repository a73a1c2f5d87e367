"""炫染市人民政府 — a practice portal of no CMS, whose listing is made by scripts."""

from spiders.families import StaticPortal


class Xuanran(StaticPortal):
    name = "practice_xuanran"
    code = "990400"
    site = "http://www.xuanran.test"
    hosts = ("api.xuanran.test",)
    rows = "#list li"

    sections = {"annual_report": "/xxgk/nb/"}
    rendered_sections = frozenset({"annual_report"})
