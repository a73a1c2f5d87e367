"""白苇区人民政府 — a hand-made practice portal, a folder a year."""

from spiders.families import StaticPortal


class Static(StaticPortal):
    name = "practice_static"
    code = "991400"
    site = "http://www.baiwei.test"
    columns = ".nian a"
    pages = "a.xia"

    sections = {"annual_report": "/gk/nb.html", "guide": "/gk/zn.html"}
