"""南榕市人民政府 — a practice portal, Guangdong's directory platform."""

from spiders.families import GkmlptPortal


class Gkmlpt(GkmlptPortal):
    name = "practice_gkmlpt"
    code = "991100"
    site = "http://www.nanrong.test"

    sections = {"annual_report": "/gkmlpt/annualreport#30901", "guide": "/gkmlpt/guide"}
