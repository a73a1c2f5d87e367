"""江门市人民政府 — gkmlpt, http only."""

from spiders.families import GkmlptPortal


class Jiangmen(GkmlptPortal):
    name = "guangdong_jiangmen"
    code = "440700"
    site = "http://www.jiangmen.gov.cn"

    # The platform's uniform paths; hulelan/china-governance crawls this host's /gkmlpt/.
    sections = {
        "annual_report": "/gkmlpt/annualreport",
        "guide": "/gkmlpt/guide",
    }
    known = {"annual_report": "inferred", "guide": "inferred"}
