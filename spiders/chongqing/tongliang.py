"""重庆市铜梁区人民政府 — TRS WCM, a column an organ."""

from spiders.families import TrsPortal


class Tongliang(TrsPortal):
    name = "chongqing_tongliang"
    code = "500151"
    site = "https://www.cqstl.gov.cn"

    # Its office's 2025 report is qzfbm/qzfbgs/202601/t20260123_15350406.html below.
    sections = {"annual_report": "/zwgk_171/zfxxgknb/", "guide": ""}
    known = {"annual_report": "seen"}
