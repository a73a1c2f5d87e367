"""Disclosure guides: one living page an organ, with the contacts a reader must find."""

from crawler.practice.draft import Draft
from crawler.practice.organs import Organ

GUIDE_YEAR = 2024  # guides are overwritten; the city shows one state of them
HOURS = (
    "工作日上午8:30-12:00，下午14:00-17:30",
    "周一至周五8:30至11:30，13:30至17:00（法定节假日除外）",
    "工作日9∶00-12∶00，13∶30-17∶00",  # the ratio sign, as input methods offer it
)
OFFICES = ("办公室", "综合科", "政务公开科", "党政综合办公室")


def write(seed: int, organ: Organ) -> tuple[Draft, dict[str, str]]:
    """The guide's blocks, and the contact facts printed in it."""
    draft = Draft(seed, organ, GUIDE_YEAR, "guide")
    facts = contact(draft)
    draft.say(
        draft.fill("为方便公民、法人和其他组织查询和申请{we}的政府信息，"),
        f"{organ.name(GUIDE_YEAR)}依据《中华人民共和国政府信息公开条例》编制本指南，内容有变化时及时更新。",
    )
    draft.heading("公开的范围和编排体系")
    draft.say(
        draft.fill("{we}主动公开机构职能、规范性文件、办事指南、财政资金和人事招考等信息，"),
        "按主题和时间两种方式编排，每条信息配有索引号、名称、内容概述和生成日期。",
    )
    draft.heading("获取方式")
    draft.say(
        f"{organ.place.name}门户网站（http://{organ.place.host}）设有信息公开专栏，"
        "也可以到档案馆、图书馆和便民服务大厅的查阅点查询。"
    )
    draft.say("属于主动公开的信息，自形成或者变更之日起20个工作日内公开。")
    draft.heading("依申请公开")
    draft.say(
        "申请人可当面提交申请表，也可通过信函或者网站提交；信函请在信封左下角写明“政府信息公开申请”。"
    )
    draft.say(
        "能够当场答复的当场答复；不能当场答复的，自收到申请之日起20个工作日内答复，",
        "需要延长的最多再延长20个工作日，并告知申请人。",
    )
    draft.heading("政府信息公开工作机构")
    labels = {
        "office_name": "机构名称",
        "address": "办公地址",
        "postcode": "邮政编码",
        "phones": "联系电话",
        "faxes": "传真号码",
        "emails": "电子邮箱",
        "office_hours": "办公时间",
    }
    for key, value in facts.items():
        draft.say(f"{labels[key]}：{value}")
    draft.heading("监督和救济")
    draft.say(
        draft.fill(
            "公民、法人和其他组织认为{we}未依法履行信息公开义务的，可以向上级主管部门举报，"
            "也可以依法申请行政复议或者提起行政诉讼。"
        )
    )
    return draft, facts


def contact(draft: Draft) -> dict[str, str]:
    """Address, phone and hours; fax and mail only where the organ has them."""
    organ, roll = draft.organ, draft.roll
    place = organ.place
    office = "办公室" if organ.level == "government" else roll.choice(OFFICES)
    street = "㙍头路" if place.rank == "县" else roll.choice(("公明路", "照壁街", "石鼓巷"))
    number = roll.randint(2, 400)
    phone = f"{place.phone}-{roll.randint(6000000, 8999999)}"
    facts = {
        "office_name": f"{organ.name(GUIDE_YEAR)}{office}",
        "address": f"{place.name}{street}{number}号",
        "postcode": place.postcode,
        "phones": phone,
    }
    if roll.random() < 0.6:
        facts["faxes"] = f"{place.phone}-{roll.randint(6000000, 8999999)}"
    if roll.random() < 0.5:
        domain = place.host.removeprefix("www.")
        facts["emails"] = f"{organ.slug}@{domain}"
    facts["office_hours"] = roll.choice(HOURS)
    return facts
