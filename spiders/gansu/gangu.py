"""甘谷县人民政府 — VSB."""

from spiders.families import VsbPortal


class Gangu(VsbPortal):
    name = "gansu_gangu"
    code = "620523"
    site = "http://www.gangu.gov.cn"

    # Family certain: its office's 2024 report is /info/2381/644672.htm.
    # The column's path is not known: searched for from the home page.
    sections = {"annual_report": "", "guide": ""}
