"""徐州市人民政府 — Epoint."""

from spiders.families import EpointPortal


class Xuzhou(EpointPortal):
    name = "jiangsu_xuzhou"
    code = "320300"
    site = "https://www.xz.gov.cn"

    # Family certain: njzhx/PolicyClaw2 reads its /dynamic/zwgk/govInfoPubright.html lists.
    # The number of the reports' category is not known: searched for from the home page.
    sections = {"annual_report": "", "guide": ""}
