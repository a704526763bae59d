"""Crosswalks: what is read through them, what is named as a fault, and which of them are refused."""

import re
import tomllib
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handlers.surveys.cells import COMMON, Cell, Odd
from handlers.surveys.crosswalk import Crosswalk, Fault, Result, Sheet, apply
from handlers.surveys.crosswalk_file import Target, check_targets, read_crosswalk
from handlers.tables import Faulty

TOP = """
questionnaire = "exit_interview"
blanks = { asked = ["-"], not_asked = ["", "N/A"] }
"""
QUARTER = '[quarter]\ncolumn = "Left"\norder = "mdy"\n'
TENURE = """
[[columns]]
name = "Service"
metric = "tenure"
comparable = "same"
values = { "Under 1" = "lt1", "1-2 years" = "1_2", "3-4 years" = "3_4" }
"""
FAIR = """
[[columns]]
name = "Fair"
metric = "fair"
comparable = "rescaled"
values = { SA = "5", A = "4", N = "3", D = "2", SD = "1", "Strongly agree" = "5", "4" = "4" }
"""
PAY = """
[[columns]]
name = "Reason: pay"
metric = "reasons"
item = "pay"
ticked = ["X", "Yes"]
comparable = "same"
"""


def read(text: str) -> Crosswalk:
    return read_crosswalk("theirs.toml", tomllib.loads(text))


def run(crosswalk: str, header: Sequence[str], *rows: Sequence[Cell], latest: str = "") -> Result:
    return apply(read(crosswalk), Sheet(1, header, enumerate(rows, 2)), latest)


def places(faults: Sequence[Fault]) -> list[tuple[tuple[int, ...], str]]:
    return [(fault.rows, fault.column) for fault in faults]


USUAL = TOP + QUARTER + TENURE + FAIR + PAY
HEADER = ("Left", "Service", "Fair", "Reason: pay")


def test_rows_become_answers_by_metric_and_item() -> None:
    result = run(USUAL, HEADER, ("10/31/2025", "Under 1", "SA", "X"), ("1/2/2026", "3-4 years", "strongly agree", "-"))
    assert not result.faults and not result.notes
    first, second = result.responses
    assert (first.quarter, dict(first.answers)) == ("2025Q4", {"tenure": "lt1", "fair": "5", "reasons/pay": "1"})
    assert (second.quarter, second.answers["reasons/pay"], second.weight) == ("2026Q1", "-", 1)
    assert first.comparable == {"fair": "rescaled"}


def test_two_kinds_of_blank_stay_two() -> None:
    (response,) = run(USUAL, HEADER, ("10/31/2025", "-", "N/A", "")).responses
    assert dict(response.answers) == {"tenure": "-"}


def test_a_column_can_have_blanks_of_its_own() -> None:
    own = PAY + 'blanks = { asked = [""], not_asked = [] }\n'
    (response,) = run(TOP + QUARTER + own, ("Left", "Reason: pay"), ("10/31/2025", "")).responses
    assert dict(response.answers) == {"reasons/pay": "-"}


@pytest.mark.parametrize("cell", ["01-Feb", "2-Jan", date(2026, 2, 1)])
def test_a_mangled_range_is_a_fault_until_the_crosswalk_allows_to_mend_it(cell: Cell) -> None:
    row = ("10/31/2025", cell, "A", "X")
    refused = run(USUAL, HEADER, row)
    assert refused.responses == ()
    (fault,) = refused.faults
    assert (fault.rows, fault.column) == ((2,), "Service")
    assert "1-2 years" in fault.fits and 'repairs = ["ranges"]' in fault.fits
    mended = run('repairs = ["ranges"]' + USUAL, HEADER, row)
    assert mended.responses[0].answers["tenure"] == "1_2"
    assert places(mended.notes) == [((2,), "Service")]


def test_a_mangled_range_that_could_be_two_is_never_mended() -> None:
    both = TENURE.replace('"Under 1"', '"2-3 years" = "a", "11-20" = "b", "1-11" = "c", "Under 1"')
    result = run('repairs = ["ranges"]' + TOP + QUARTER + both, ("Left", "Service"), ("10/31/2025", date(2020, 11, 1)))
    assert "either" in result.faults[0].fits


def test_a_fault_names_row_column_and_what_fits_but_nothing_private() -> None:
    result = run(USUAL, HEADER, ("10/31/2025", "Maria Delgado", "Agre", "8165550100"))
    said = " ".join(f"{fault} {fault.fits}" for fault in result.faults)
    assert places(result.faults) == [((2,), "Service"), ((2,), "Fair"), ((2,), "Reason: pay")]
    assert "Maria" not in said and "Agre" not in said and "8165550100" not in said
    assert 'one of "x", "yes"' in said


def test_a_near_miss_is_answered_in_the_crosswalks_own_words() -> None:
    (fault,) = run(USUAL, HEADER, ("10/31/2025", "", "Strongly agre", "")).faults
    assert fault.fits == 'perhaps "strongly agree"'


def test_faults_that_are_alike_are_told_once_with_all_their_rows() -> None:
    row = ("10/31/2025", "Under 1", "7", "X")
    result = run('duplicates = "keep"' + USUAL, HEADER, row, row, row, ("10/31/2025", "", "A", ""), row)
    (fault,) = result.faults
    assert str(fault) == 'rows 2-4, 6, column "Fair": "7"'
    assert len(result.responses) == 1


def test_a_column_that_is_missing_stops_and_one_that_nobody_mapped_is_named_by_its_letter() -> None:
    missing = run(USUAL, ("Left", "Service", "Fair"), ("10/31/2025", "Under 1", "A"))
    assert [fault.column for fault in missing.faults] == ["Reason: pay"] and missing.rows == 0
    unknown = run(USUAL, (*HEADER, "Maria Delgado's notes"), ("10/31/2025", "Under 1", "bad", "X", ""))
    assert [fault.column for fault in unknown.faults] == ["E", "Fair"]
    assert not run('ignored = ["*"]' + USUAL, (*HEADER, "Notes"), ("10/31/2025", "Under 1", "A", "X", "")).faults


def test_a_header_with_hard_spaces_is_the_same_header() -> None:
    result = run(USUAL, ("Left", "Service", "Fair", "Reason:\u00a0pay"), ("10/31/2025", "Under 1", "A", "X"))
    assert result.responses and places(result.notes) == [((1,), "Reason: pay")]


def test_a_row_that_is_there_twice_is_a_fault_until_the_crosswalk_says_what_to_do() -> None:
    row = ("10/31/2025", "Under 1", "A", "X")
    assert "same as row 2" in run(USUAL, HEADER, row, row).faults[0].found
    assert len(run('duplicates = "drop"' + USUAL, HEADER, row, row).responses) == 1
    assert len(run('duplicates = "keep"' + USUAL, HEADER, row, row).responses) == 2


def test_an_id_finds_doubles_and_one_that_collapsed_is_a_fault() -> None:
    text, header = '\nid = "Id"\n' + USUAL, (*HEADER, "Id")
    rows = [("10/31/2025", "Under 1", "A", "X", "17"), ("10/31/2025", "Under 1", "D", "X", "17")]
    assert "same as row 2" in run(text, header, *rows).faults[0].found
    collapsed = [(*row[:4], "6.35E+17") for row in rows]
    assert "lost its digits" in run(text, header, *collapsed).faults[0].found
    mended = run('repairs = ["ids"]' + text, header, *collapsed)
    assert len(mended.responses) == 2 and places(mended.notes) == [((2, 3), "Id")]
    assert all("17" not in response.answers.values() for response in mended.responses)


def test_headers_among_the_rows_are_faults_or_left_out() -> None:
    rows = [HEADER, ('{"ImportId":"date"}', "", "", ""), ("10/31/2025", "Under 1", "A", "X")]
    assert run(USUAL, HEADER, *rows).faults[0].rows == (2, 3)
    assert len(run('repairs = ["headers"]' + USUAL, HEADER, *rows).responses) == 1


def test_rows_longer_than_the_header_are_faults_and_shorter_ones_are_filled() -> None:
    result = run(USUAL, HEADER, ("10/31/2025", "Under 1", "A", "X", "more"), ("10/31/2025", "Under 1"), ("",), ())
    assert result.faults[0].rows == (2,) and result.notes[0].rows == (3,)
    assert dict(result.responses[0].answers) == {"tenure": "lt1"}


def test_dates_that_give_no_quarter_are_faults_or_leave_their_row_out() -> None:
    cells = ("2012", "Not Stated", "45231", "1/1/2030")
    rows = [(cell, "Under 1", "A", "X") for cell in cells]
    assert len(run(USUAL, HEADER, *rows, latest="2026Q4").faults) == 4
    lenient = USUAL.replace('order = "mdy"', 'order = "mdy"\nyear_only = 4\nunknown = "leave_out"')
    result = run('repairs = ["day_numbers"]' + lenient, HEADER, *rows, latest="2026Q4")
    assert [response.quarter for response in result.responses] == ["2012Q4", "2023Q4"]
    assert not result.faults and len(result.notes) == 3


def test_an_answer_that_fits_nothing_can_be_left_out_and_a_total_leaves_out_its_row() -> None:
    text = TOP + QUARTER + TENURE + 'otherwise = "leave_out"\nleft_out = ["Total"]\n' + FAIR
    result = run(text, ("Left", "Service", "Fair"), ("1/2/2026", "ages", "A"), ("1/2/2026", "Total", "A"))
    assert [dict(one.answers) for one in result.responses] == [{"fair": "4"}]
    assert not result.faults and len(result.notes) == 2


def test_several_answers_in_one_cell_are_ticks() -> None:
    text = """
[[columns]]
name = "Reasons"
metric = "reasons"
separator = ";"
comparable = "own"
values = { "Pay" = "pay", "The commute" = "commute", "Hours" = "hours" }
"""
    result = run(TOP + QUARTER + text, ("Left", "Reasons"), ("1/2/2026", "Pay; the commute"), ("1/2/2026", "-"))
    assert [dict(one.answers) for one in result.responses] == [
        {"reasons/commute": "1", "reasons/hours": "-", "reasons/pay": "1"},
        {"reasons/commute": "-", "reasons/hours": "-", "reasons/pay": "-"},
    ]
    assert "among several" in run(TOP + QUARTER + text, ("Left", "Reasons"), ("1/2/2026", "Pay; Bob")).faults[0].found


def test_a_scale_of_ten_becomes_one_of_five_by_the_rule_that_is_named() -> None:
    text = """
[[columns]]
name = "Overall"
metric = "overall"
scale = "ten"
comparable = "rescaled"
[scales.ten]
from = [1, 10]
to = [1, 5]
rule = "%s"
"""
    rows = [("1/2/2026", cell) for cell in ("1", "2", 3.0, 4, "5", "6", "7", "8", "9", "10.0")]
    for rule, wanted in (("pairs", "1122334455"), ("linear", "1122334455"), ("down", "5544332211")):
        own = text % rule if rule != "down" else (text % "pairs").replace("[1, 5]", "[5, 1]")
        result = run(TOP + QUARTER + own, ("Left", "Overall"), *rows)
        assert "".join(one.answers["overall"] for one in result.responses) == wanted
    (fault,) = run(TOP + QUARTER + text % "pairs", ("Left", "Overall"), ("1/2/2026", "11")).faults
    assert fault.found == '"11"'
    seven = (text % "linear").replace("[1, 10]", "[1, 7]").replace("[1, 5]", "[0, 10]")
    result = run(TOP + QUARTER + seven, ("Left", "Overall"), *[("1/2/2026", step) for step in range(1, 8)])
    assert [one.answers["overall"] for one in result.responses] == ["0", "2", "3", "5", "7", "8", "10"]


def test_units_are_changed_and_numbers_put_in_bands() -> None:
    text = """
[[columns]]
name = "Months"
metric = "tenure"
comparable = "same"
number = { unit = "months", into = "years", bands = [{ below = 1, code = "lt1" }, { below = 3, code = "1_2" }] }
"""
    cells: tuple[Cell, ...] = ("11", 12, "35.9", "1,200", "long")
    rows: list[tuple[Cell, ...]] = [("1/2/2026", cell) for cell in cells]
    result = run(TOP + QUARTER + text, ("Left", "Months"), *rows)
    assert [one.answers["tenure"] for one in result.responses] == ["lt1", "1_2", "1_2"]
    assert places(result.faults) == [((5,), "Months"), ((6,), "Months")]
    plain = text.replace(', bands = [{ below = 1, code = "lt1" }, { below = 3, code = "1_2" }]', "")
    (response,) = run(TOP + QUARTER + plain, ("Left", "Months"), ("1/2/2026", "30")).responses
    assert response.answers["tenure"] == "2.5"


def test_cells_that_the_reader_could_not_take_are_faults_only_where_they_are_read() -> None:
    odd = Odd("a formula", "its value")
    result = run(
        'ignored = ["Notes"]' + USUAL,
        (*HEADER, "Notes"),
        (odd, "Under 1", "A", "X", ""),
        ("1/2/2026", "", odd, "", odd),
    )
    assert places(result.faults) == [((2,), "Left"), ((3,), "Fair")]


COUNTS = """
suppressed = ["<5", "*"]
[[counts]]
column = "Leavers"
"""


def test_a_table_of_counts_is_read_as_people() -> None:
    text = COUNTS.replace("suppressed", TOP + "suppressed") + QUARTER + TENURE
    rows: list[tuple[Cell, ...]] = [
        ("1/2/2026", "Under 1", "1,012"),
        ("1/2/2026", "3-4 years", "<5"),
        ("1/2/2026", "1-2 years", 0),
    ]
    result = run(text, ("Left", "Service", "Leavers"), *rows)
    assert [(dict(one.answers), one.weight) for one in result.responses] == [({"tenure": "lt1"}, 1012)]
    assert places(result.notes) == [((3,), "Leavers")] and not result.faults
    assert result.tallies == {"tenure": {"lt1": 1012}}
    for cell in ("12%", "-3", "2.5", "many", "1e5", ""):
        assert len(run(text, ("Left", "Service", "Leavers"), ("1/2/2026", "Under 1", cell)).faults) == 1
    same = run(text, ("Left", "Service", "Leavers"), ("1/2/2026", "Under 1", "7"), ("1/2/2026", "Under 1", "9"))
    assert "same as row 2" in same.faults[0].found


LONG = (
    TOP
    + """
[quarter]
fixed = "2025Q4"
[long]
question = "Question"
"""
)


def test_rows_of_questions_with_counts_under_each_answer_are_read() -> None:
    text = LONG + FAIR + '[[counts]]\ncolumn = "Agreed"\nanswer = "A"\n[[counts]]\ncolumn = "Not"\nanswer = "D"\n'
    result = run('ignored = ["Response rate"]' + text, ("Question", "Agreed", "Not"), ("Fair", "12", 3))
    assert [(dict(one.answers), one.weight, one.quarter) for one in result.responses] == [
        ({"fair": "4"}, 12, "2025Q4"),
        ({"fair": "2"}, 3, "2025Q4"),
    ]
    unknown = run(text, ("Question", "Agreed", "Not"), ("Fair?", "12", 3))
    assert places(unknown.faults) == [((2,), "Question")]
    assert not run(
        'ignored = ["Response rate"]' + text, ("Question", "Agreed", "Not"), ("Response rate", "", "")
    ).faults


def test_rows_of_one_question_and_one_answer_with_a_count_are_read() -> None:
    text = LONG + 'answer = "Answer"\n' + FAIR + TENURE + '[[counts]]\ncolumn = "N"\n'
    result = run(text, ("Question", "Answer", "N"), ("Fair", "SA", "5"), ("Service", "1\u20132 years", "6"))
    assert [(dict(one.answers), one.weight) for one in result.responses] == [({"fair": "5"}, 5), ({"tenure": "1_2"}, 6)]


def test_counts_can_stand_under_quarters_or_under_our_own_codes() -> None:
    quarters = "".join(f'[[counts]]\ncolumn = "{year}"\nquarter = "{year}Q4"\n' for year in (2024, 2025))
    result = run(TOP + TENURE + quarters, ("Service", "2024", "2025"), ("Under 1", "7", "8"))
    assert [(one.quarter, one.weight) for one in result.responses] == [("2024Q4", 7), ("2025Q4", 8)]
    ours = '[[counts]]\ncolumn = "For pay"\nmetric = "reasons/pay"\ncode = "1"\ncomparable = "own"\n'
    (response,) = run(TOP + QUARTER + ours, ("Left", "For pay"), ("1/2/2026", "9")).responses
    assert (dict(response.answers), response.weight, response.comparable) == (
        {"reasons/pay": "1"},
        9,
        {"reasons": "own"},
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('questionnaire = "exit_interview"', "", "theirs.toml: questionnaire: is missing"),
        ('blanks = { asked = ["-"], not_asked = ["", "N/A"] }', "", "theirs.toml: blanks: is missing"),
        ('not_asked = ["", "N/A"]', 'not_asked = ["-", ""]', "theirs.toml: blanks: \"-\" is in both lists"),
        ('not_asked = ["", "N/A"]', 'not_asked = ["N/A"]', "theirs.toml: blanks: must say what an empty cell means"),
        ('order = "mdy"', 'order = "ymd"', "theirs.toml: quarter.order: must be one of mdy, dmy"),
        ('order = "mdy"', 'fixed = "2026Q4"', "theirs.toml: quarter.column: give one"),
        ('column = "Left"', 'fixed = "2026-4"', "theirs.toml: quarter.fixed: must be a quarter such as 2026Q4"),
        ('order = "mdy"', "year_begins = 2", "theirs.toml: quarter.year_begins: must be 1, 4, 7 or 10"),
        ('order = "mdy"', "year_only = 5", "theirs.toml: quarter.year_only: must be a quarter"),
        ('metric = "tenure"\n', "", "theirs.toml: columns[0].metric: is missing"),
        ('comparable = "same"\nvalues', "values", "theirs.toml: columns[0].comparable: is missing"),
        ('comparable = "rescaled"', 'comparable = "yes"', "theirs.toml: columns[1].comparable: must be one of same"),
        ('ticked = ["X", "Yes"]', "", "theirs.toml: columns[2].values: give one of values, scale, ticked, number"),
        ('item = "pay"', 'scale = "five"', "theirs.toml: columns[2].ticked: give one of"),
        ('item = "pay"', "", "theirs.toml: columns[2].item: is missing"),
        ('SD = "1"', 'SD = 1', "theirs.toml: columns[1].values.SD: must be a text"),
        ('SD = "1"', 'sa = "1"', "theirs.toml: columns[1].values.sa: is there twice"),
        ('name = "Fair"', 'name = "service"', 'theirs.toml: columns[1].name: "service" is there twice'),
        ('metric = "fair"', 'metric = "tenure"', 'theirs.toml: columns[1].metric: "tenure" is there twice'),
        ('name = "Fair"', 'name = "Fair"\nlabel = ""', "theirs.toml: columns[1].label: is not a key"),
        ("[quarter]", 'repairs = ["all"]\n[quarter]', "theirs.toml: repairs: all is not one of ranges"),
        ("[quarter]", 'ignored = ["fair"]\n[quarter]', 'theirs.toml: ignored: "fair" is there twice'),
        ("[quarter]", 'encoding = "ebcdic"\n[quarter]', "theirs.toml: encoding: must be one of auto"),
        ("[quarter]", 'long = { question = "Q" }\n[quarter]', "theirs.toml: long: needs [[counts]]"),
        ("[quarter]", 'counts = [{ column = "N", answer = "A" }]\n[quarter]', "counts[0].answer: goes with"),
        ("[quarter]", 'counts = [{ column = "N", code = "A" }]\n[quarter]', "theirs.toml: counts[0].code: metric and"),
        ("[quarter]", "scales = { x = { from = [1, 10], to = [1, 4], rule = 'pairs' } }\n[quarter]", "cannot be pairs"),
        ("[quarter]", "scales = { ten = { from = [1, 1], to = [1, 4] } }\n[quarter]", "scales.ten.from: must be two"),
        ("[quarter]", "scales = { ten = { from = [1, 9], to = [1, 4] } }\n[quarter]", "scales.ten.rule: is missing"),
        ("[quarter]", "scales = { ten = {} }\n[quarter]", "theirs.toml: scales.ten: must say at least one word"),
    ],
)  # fmt: skip
def test_a_wrong_crosswalk_is_refused_with_the_key_and_the_reason(old: str, new: str, says: str) -> None:
    assert old in USUAL
    with pytest.raises(Faulty) as refused:
        read(USUAL.replace(old, new, 1))
    assert says in str(refused.value)


def test_numbers_of_another_scale_are_never_called_the_same() -> None:
    scale = "scales = { ten = { from = [1, 10], to = [1, 5], rule = 'linear' } }\n"
    wrong = FAIR.replace('"rescaled"', '"same"').split("values")[0] + 'scale = "ten"\n'
    with pytest.raises(Faulty, match=r"columns\[0\]\.comparable: must be"):
        read(scale + TOP + QUARTER + wrong)
    assert read(scale.replace("[1, 10]", "[1, 5]") + TOP + QUARTER + wrong)


TARGETS = {
    "tenure": Target("one", frozenset({"lt1", "1_2", "3_4"})),
    "fair": Target("one", frozenset("12345")),
    "reasons": Target("several", frozenset({"pay", "hours"})),
    "comment": Target("text"),
    "miles": Target("number"),
}


def test_a_crosswalk_that_fits_the_questionnaire_passes() -> None:
    check_targets("theirs.toml", read(USUAL), TARGETS)
    refused = FAIR.replace('"4" = "4"', '"4" = "4", "Prefer not to say" = "refused"')
    check_targets("theirs.toml", read(TOP + QUARTER + refused), TARGETS)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            'metric = "fair"',
            'metric = "fairness"',
            "columns[1].metric: the questionnaire has no fairness; it has comment",
        ),
        ('SA = "5"', 'SA = "6"', 'columns[1]: the questionnaire has no code "6" there; it has 1, 2, 3, 4, 5'),
        ('item = "pay"', 'item = "boss"', 'columns[2]: the questionnaire has no code "boss" there'),
        ('metric = "fair"', 'metric = "comment"', "columns[1].metric: comment is free text or a date"),
        ('metric = "fair"', 'metric = "reasons"', "columns[1].metric: reasons takes `item`"),
        ('metric = "reasons"', 'metric = "tenure"', "columns[2].metric: tenure takes one answer"),
        ('metric = "fair"', 'metric = "miles"', "columns[1].metric: miles takes a number"),
    ],
)
def test_a_crosswalk_to_what_the_questionnaire_has_not_is_refused(old: str, new: str, says: str) -> None:
    text = USUAL.replace(old, new, 1)
    if new == 'metric = "tenure"':
        text = TOP + QUARTER + PAY.replace(old, new)
        says = says.replace("[2]", "[0]")
    with pytest.raises(Faulty) as refused:
        check_targets("theirs.toml", read(text), TARGETS)
    assert says in str(refused.value)


NUMERIC = """
[[columns]]
name = "Months"
metric = "months"
comparable = "same"
number = { unit = "months", into = "years" }
[[columns]]
name = "Several"
metric = "several"
separator = ","
comparable = "same"
values = { "Pay" = "pay", "Hours" = "hours" }
"""
CELLS = st.one_of(
    st.none(), st.text(max_size=12), st.integers(), st.floats(), st.dates(), st.just(Odd("a formula", "its value")),
    st.from_regex(r"[0-9]{0,4}[-/ .]?([A-Z][a-z]{2}|[0-9]{1,5})[-/ .]?[0-9]{0,4}", fullmatch=True),
)  # fmt: skip


@given(st.lists(st.lists(CELLS, max_size=7), max_size=5))
def test_no_cell_whatever_breaks_the_reading_and_every_row_is_kept_faulty_or_left_out(rows: list[list[Cell]]) -> None:
    result = run('ignored = ["*"]' + USUAL + NUMERIC, (*HEADER, "Months", "Several"), *rows)
    assert len(result.responses) <= result.rows <= len(rows)
    for response in result.responses:
        assert re.fullmatch(r"\d{4}Q[1-4]", response.quarter) and response.answers


@given(st.text(st.characters(categories=["Lu", "Ll"]), min_size=5, max_size=30))
def test_no_word_of_a_cell_is_repeated_in_a_fault(word: str) -> None:
    assume(word.casefold() not in COMMON)
    result = run(USUAL, HEADER, (word, f"{word} {word}", f"1 {word}", f"{word}@{word}"))
    said = " ".join(f"{fault} {fault.fits}" for fault in result.faults)
    usual = " ".join(f"{fault} {fault.fits}" for fault in run(USUAL, HEADER, ("zqxjkv",) * 4).faults)
    assert word not in said or word in usual
