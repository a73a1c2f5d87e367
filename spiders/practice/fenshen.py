"""分身市人民政府 — a practice portal under five addresses, one of them of before."""

from crawler.items import Expect
from spiders.families import StaticPortal


class Fenshen(StaticPortal):
    name = "practice_fenshen"
    code = "990505"
    site = "http://www.fenshen.test"
    hosts = ("fenshen.test",)
    aliases = {"www.fenshen-old.test": "www.fenshen.test"}
    group = "fenshen.test"
    pages = "a.more"

    sections = {"annual_report": "/xxgk/nb/list.jsp"}
    expect = Expect(reports=(6, 6), since=2014)
