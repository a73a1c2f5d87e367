"""海屿市人民政府 — a practice portal, JPaaS."""

from spiders.families import JpaasPortal


class Jpaas(JpaasPortal):
    name = "practice_jpaas"
    code = "990900"
    site = "http://www.haiyu.test"

    sections = {"annual_report": "/col/zfxxgknb/index.html", "guide": "/col/zfxxgkzn/index.html"}
