"""老坝县人民政府 — a practice portal of ASP pages, its list in a frame."""

from spiders.families import AspPortal


class Asp(AspPortal):
    name = "practice_asp"
    code = "991300"
    site = "http://www.laoba.test"

    sections = {"annual_report": "/xxgk/nb.asp", "guide": "/xxgk/list.asp?cid=4"}
