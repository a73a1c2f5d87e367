"""UCAP 开普云: Heilongjiang's unified platform, Sichuan, Hainan, cities of Jiangsu and Hunan.

Channel pages such as `/site/cNNNNNN/zfxxgknb.shtml` list articles `/…/YYYYMM/cNN_ID.shtml`.
Reports are often split into one channel a year. The article stands in `#zoomcon` or <UCAPCONTENT>.

Facts a portal gives: `sections` as paths of channel pages.
"""

from __future__ import annotations

from spiders.portal import Portal


class UcapPortal(Portal):
    """A portal on UCAP; see the module for what to state."""

    rows = "ul.list li, .list li, .zfxxgk_list li, .gl-list li"
    article = "UCAPCONTENT, #zoomcon, #UCAP-CONTENT, .article_content, .content"
