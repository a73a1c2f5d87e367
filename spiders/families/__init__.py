"""The CMS behind a portal: one file each, and what it takes to stand on it."""

from spiders.families.hanweb import HanwebPortal
from spiders.families.lonsun import LonsunPortal
from spiders.families.shandong import ShandongPortal
from spiders.families.static import StaticPortal
from spiders.families.ucap import UcapPortal

__all__ = ["HanwebPortal", "LonsunPortal", "ShandongPortal", "StaticPortal", "UcapPortal"]
