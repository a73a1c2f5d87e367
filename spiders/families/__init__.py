"""The CMS behind a portal: one file each, and what it takes to stand on it."""

from spiders.families.asp import AspPortal
from spiders.families.epoint import EpointPortal
from spiders.families.gkmlpt import GkmlptPortal
from spiders.families.hanweb import HanwebPortal
from spiders.families.jpaas import JpaasPortal
from spiders.families.lonsun import LonsunPortal
from spiders.families.shandong import ShandongPortal
from spiders.families.static import StaticPortal
from spiders.families.trs import TrsPortal
from spiders.families.ucap import UcapPortal
from spiders.families.vsb import VsbPortal

FAMILIES = (
    HanwebPortal,
    TrsPortal,
    VsbPortal,
    UcapPortal,
    JpaasPortal,
    ShandongPortal,
    LonsunPortal,
    GkmlptPortal,
    EpointPortal,
    AspPortal,
    StaticPortal,
)

__all__ = [
    "FAMILIES",
    "AspPortal",
    "EpointPortal",
    "GkmlptPortal",
    "HanwebPortal",
    "JpaasPortal",
    "LonsunPortal",
    "ShandongPortal",
    "StaticPortal",
    "TrsPortal",
    "UcapPortal",
    "VsbPortal",
]
