import pytest

from pillm.report.words import cell, count, interval, percent, plain


@pytest.mark.parametrize(("said", "wanted"), [
    (count(1_100_048_384), "1.1 B"), (count(3_021_056), "3.02 M"), (count(12_345), "12,345"),
    (plain(0), "0"), (plain(None), ""), (plain(1043.5), "1,044"), (plain(0.0231, 2), "0.023"),
    (plain(9.1e-6, 2), "9.1e-6"),
    (percent(1), "100 %"), (percent(0.335), "34 %"), (percent(0.998), "99.8 %"), (percent(0.012), "1.2 %"),
    (interval({"value": 0.876, "low": 0.8, "high": 0.934}), "0.88 (0.80 to 0.93)"),
    (cell({"value": 1043.5, "low": 981, "high": 1106}, 0), ("1,044", "981 to 1,106")), (cell(None), ("", "")),
])
def test_numbers_as_people_read_them(said, wanted):
    assert said == wanted
