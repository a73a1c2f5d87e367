"""新埠市人民政府 — a practice portal, Hanweb JCMS, further pages by POST."""

from spiders.families import HanwebPortal


class HanwebPost(HanwebPortal):
    name = "practice_hanweb_post"
    code = "991500"
    site = "http://www.xinbu.test"

    sections = {
        "annual_report": "/col/col1229063379/index.html",
        "guide": "/col/col1229063380/index.html",
    }
