"""演山区人民政府 — a practice portal, the Shandong platform, departments on sub-domains."""

from spiders.families import ShandongPortal


class Shandong(ShandongPortal):
    name = "practice_shandong"
    code = "990300"
    site = "http://www.yanshan.test"
    hosts = (".yanshan.test",)
    rows = "ul.bm a, .channel-content a[href*='doc_']"  # the first channel lists the departments

    sections = {"annual_report": "/channel_ys_zfxxgk001"}
