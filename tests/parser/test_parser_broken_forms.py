"""However a form is broken, what is read is printed there: a value may be lost, none is wrong."""

from __future__ import annotations

from broken_forms import damaged, forms, parted, read, respelled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parser_pages import page

from pipelines.parser import parse

TITLE = "某某市水务局政府信息公开工作年度报告"
often = settings(
    max_examples=50, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


@often
@given(st.data())
def test_numbers_however_spelled_and_parted_are_read(data: st.DataObject) -> None:
    form = data.draw(respelled(data.draw(forms)))
    (document,) = parse(page(TITLE, *data.draw(parted(form))))
    want = {key: value for key, value in form.truth.items() if key and not key.endswith(".")}
    told = {key: value for key, value in read(document).items() if value is not None}
    assert told == {key: value for key, value in want.items() if value is not None}


@often
@given(st.data())
def test_a_damaged_form_loses_values_and_misreads_none(data: st.DataObject) -> None:
    form = data.draw(damaged(data.draw(respelled(data.draw(forms)))))
    (document,) = parse(page(TITLE, *data.draw(parted(form))))
    for key, value in read(document).items():
        assert value is None or value == form.truth.get(key), key
