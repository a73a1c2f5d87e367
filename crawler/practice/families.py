"""The portals of the CMS families: one a family, two of Hanweb and of ASP."""

from crawler.practice.cms import CmsSite
from crawler.practice.cms_asp import AspSite
from crawler.practice.cms_aspx import AspxSite
from crawler.practice.cms_epoint import EpointSite
from crawler.practice.cms_gkmlpt import GkmlptSite
from crawler.practice.cms_hanweb import AreaSite, PostedSite
from crawler.practice.cms_jpaas import JpaasSite
from crawler.practice.cms_lonsun import LonsunSite
from crawler.practice.cms_static import StaticSite
from crawler.practice.cms_trs import TrsSite
from crawler.practice.cms_ucap import UcapSite
from crawler.practice.cms_vsb import VsbSite

SITES: tuple[type[CmsSite], ...] = (
    PostedSite,
    AreaSite,
    TrsSite,
    VsbSite,
    UcapSite,
    JpaasSite,
    LonsunSite,
    GkmlptSite,
    EpointSite,
    AspSite,
    StaticSite,
    AspxSite,
)
FIRST = 30_000  # the number of the first organ of the first of them
APART = 10_000
