"""Questionnaires as files: checked, moved to XLSForm and back, and refused with file, row and reason."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from bot import surveys
from bot.relevance import Inexpressible, from_relevant, to_relevant
from bot.xlsform import read_xlsform, write_xlsform
from handlers.surveys.branches import Condition, Operator
from handlers.surveys.questionnaire import plain, read_toml, version
from handlers.tables import Faulty
from tests.bot.conftest import Run
from tests.handlers.test_questionnaire import SMALL

CHOICES: list[tuple[str, ...]] = [
    ("list_name", "name", "label"),
    ("back", "yes", "I would"),
    ("back", "no", "I would not"),
]
HEAD = ("type", "name", "label")


@pytest.fixture
def run(command: Run) -> Run:
    return command


def form(*rows: tuple[str, ...], choices: list[tuple[str, ...]] = CHOICES) -> bytes:
    """A workbook with those rows, the first of them the headings."""
    book = Workbook()
    survey = book.active or book.create_sheet()
    survey.title = "survey"
    for row in rows:
        survey.append(row)
    sheet = book.create_sheet("choices")
    for row in choices:
        sheet.append(row)
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


@pytest.mark.parametrize("source", [SMALL, (surveys.FOLDER / "exit_interview.toml").read_text("utf-8")])
def test_a_questionnaire_comes_back_from_xlsform_as_it_was(source: str) -> None:
    before = read_toml(source, "before.toml")
    after = read_xlsform(write_xlsform(before), "form.xlsx")
    assert plain(after) == plain(before)
    assert version(after) == version(before)


def test_an_export_has_the_columns_that_other_programs_read() -> None:
    book = load_workbook(BytesIO(write_xlsform(read_toml(SMALL, "small.toml"))))
    rows = [[str(cell or "") for cell in row] for row in book["survey"].iter_rows(values_only=True)]
    by_name = {row[1]: dict(zip(rows[0], row, strict=True)) for row in rows}
    assert {"type", "name", "label::English (en)", "label::Español (es)", "required", "relevant"} <= set(rows[0])
    assert by_name["reasons"]["type"] == "select_multiple reasons"
    assert by_name["gap"]["relevant"] == "selected(${reasons}, 'pay')"
    assert by_name["gap"]["constraint"] == ". >= 0"
    assert by_name["fair"]["parameters"] == "start=1 end=5 step=1"
    assert by_name["words"]["relevant"] == "${fair} <= 2 and not(selected(${reasons}, 'pay'))"
    settings = dict(zip(*(row for row in book["settings"].iter_rows(values_only=True)), strict=True))
    assert (settings["form_id"], settings["default_language"]) == ("small", "English (en)")


def test_a_text_that_looks_like_a_formula_leaves_as_text() -> None:
    content = write_xlsform(read_toml(SMALL.replace("Why?", "=1+1"), "small.toml"))
    assert read_xlsform(content, "form.xlsx").items[1].text["en"] == "=1+1"


def test_a_form_of_another_program_is_read() -> None:
    content = form(
        ("type", "name", "label", "hint", "required", "relevant", "constraint", "parameters"),
        ("start", "start"),
        ("begin group", "g", "Group", "", "", "${years} > 2"),
        ("end group",),
        ("integer", "years", "How many years?", "Roughly.", "yes", "", ". >= 0 and . <= 60"),
        ("begin_group", "h", "Group", "", "", "${years} > 2"),
        ("select_one back", "return", "Come back?", "", "no", "${years} <= 30"),
        ("end_group",),
        ("range", "score", "Score?", "", "", "", "", "start=1 end=5 step=1"),
    )
    read = read_xlsform(content, "my form.xlsx")
    assert (read.id, read.languages, dict(read.title)) == ("my_form", ("en",), {"en": "my_form"})
    years, back, score = read.items
    assert years.kind == "number" and dict(years.text) == {"en": "How many years? Roughly."}
    assert (str(years.least), str(years.most)) == ("0", "60")
    assert (years.optional, back.optional, back.kind, score.kind) == (False, True, "yes_no", "scale")
    assert back.when == (Condition("years", "at least", ("3",)), Condition("years", "at most", ("30",)))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [HEAD, ("geopoint", "here", "Where?")],
            "form.xlsx: sheet survey, row 2: the type geopoint cannot be expressed",
        ),
        (
            [HEAD, ("text", "a", "A?"), ("begin repeat", "r", "R")],
            "form.xlsx: sheet survey, row 3: the type begin repeat",
        ),
        ([HEAD, ("select_one none", "a", "A?")], "form.xlsx: sheet survey, row 2: the list none is not in the sheet"),
        ([(*HEAD, "relevant"), ("text", "a", "A?", "count(${b}) > 1")], "form.xlsx: sheet survey, row 2: “count("),
        ([(*HEAD, "calculation"), ("text", "a", "A?", "1 + 1")], "form.xlsx: sheet survey, row 2: calculation cannot"),
        (
            [(*HEAD, "constraint"), ("text", "a", "A?", "regex(., 'x')")],
            "form.xlsx: sheet survey, row 2: the constraint",
        ),
        ([HEAD, ("range", "a", "A?")], "form.xlsx: sheet survey, row 2: a range needs whole numbers"),
        ([HEAD, ("text", "a b", "A?")], "form.xlsx row:2: a b.id: must be letters"),
        ([HEAD, ("text", "a", "")], "form.xlsx row:2: a.text: is missing"),
        ([HEAD, ("text", "a", "A?"), ("text", "a", "A?")], "form.xlsx row:3: a.id: is there twice"),
        ([HEAD, ("end group",)], "form.xlsx: sheet survey, row 2: ends a group that did not begin"),
        ([HEAD, ("text", "a", "=1+1")], "form.xlsx: sheet survey, cell C2: is a formula"),
        ([("type", "name"), ("text", "a")], "form.xlsx: sheet survey has no column label"),
        ([HEAD], "form.xlsx: has no sheet survey with questions in it"),
    ],
)
def test_what_cannot_be_expressed_is_refused_with_row_and_reason(rows: list[tuple[str, ...]], words: str) -> None:
    with pytest.raises(Faulty) as refused:
        read_xlsform(form(*rows), "form.xlsx")
    assert str(refused.value).startswith(words)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"id = 1", form(HEAD)[:900]])
def test_a_broken_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(Faulty, match=r"form\.xlsx: is not a workbook that can be read"):
        read_xlsform(content, "form.xlsx")


def test_a_branch_that_only_we_know_is_not_exported() -> None:
    refused = SMALL.replace('operator = "at most", value = 2', 'operator = "is", value = "refused"')
    with pytest.raises(Faulty, match="words: a branch on fair being skipped or refused has no counterpart"):
        write_xlsform(read_toml(refused, "small.toml"))


@pytest.mark.parametrize(
    ("item", "operator", "values", "expression"),
    [
        ("one", "is", ("a",), "${one} = 'a'"),
        ("one", "is", ("a", "b"), "(${one} = 'a' or ${one} = 'b')"),
        ("one", "is not", ("a", "b"), "${one} != 'a' and ${one} != 'b'"),
        ("many", "has", ("a", "b"), "(selected(${many}, 'a') or selected(${many}, 'b'))"),
        ("many", "has not", ("a", "b"), "not(selected(${many}, 'a')) and not(selected(${many}, 'b'))"),
        ("one", "at least", ("3",), "${one} >= 3"),
        ("one", "at most", ("2026-01-31",), "${one} <= date('2026-01-31')"),
        ("one", "is", ("given",), "${one} != ''"),
    ],
)
def test_branches_are_written_as_xlsform_has_them(
    item: str, operator: Operator, values: tuple[str, ...], expression: str
) -> None:
    condition = Condition(item, operator, values)
    assert to_relevant([condition]) == expression
    assert from_relevant(expression, frozenset(["many"])) == (condition,)


@pytest.mark.parametrize(
    "expression", ["${a} = ${b}", "true()", "${a} = 'x' or ${b} = 'y'", "${a} > 2.5", "((", "__import__('os')"]
)
def test_other_expressions_are_refused_and_never_run(expression: str) -> None:
    with pytest.raises(Inexpressible):
        from_relevant(expression, frozenset())


def test_lint_ends_with_0_1_or_2(run: Run, tmp_path: Path) -> None:
    code, out, err = run("survey", "lint", "exit_interview")
    assert (code, err) == (0, "") and "the longest path has 19 questions" in out
    (tmp_path / "bad.toml").write_text(SMALL.replace('en = "Pay"', 'en = "STOP"'), "utf-8")
    code, out, err = run("survey", "lint", "bad.toml")
    assert code == 1 and "FAULT    bad.toml:11: reasons: the answer “STOP” is a word" in out
    assert run("survey", "lint", "none.toml")[0] == run("survey", "lint", "bad.toml", "--price", "x")[0] == 2


def test_lint_counts_what_an_interview_costs(run: Run) -> None:
    assert "0.38 for one interview" in run("survey", "lint", "exit_interview", "--price", "0.02")[1]


def test_a_file_that_is_no_questionnaire_is_told_in_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    code, out, err = run("survey", "lint", "odd.toml")
    assert (code, out) == (1, "") and err.startswith("odd.toml: is not UTF-8") and err.count("\n") == 1


def test_export_and_import_go_round(run: Run, tmp_path: Path) -> None:
    assert run("survey", "export", "exit_interview")[0] == 0
    assert run("survey", "export", "exit_interview")[0] == 2  # it never overwrites
    assert run("survey", "import", "exit_interview.xlsx", "--to", "mine.toml")[0] == 0
    shipped = surveys.load(surveys.FOLDER / "exit_interview.toml")
    assert version(surveys.load(tmp_path / "mine.toml")) == version(shipped)
    code, out, _ = run("survey", "import", "exit_interview.xlsx")
    assert code == 0 and version(read_toml(out, "printed.toml")) == version(shipped)


def test_an_imported_form_with_a_fault_is_written_so_that_it_can_be_mended(run: Run, tmp_path: Path) -> None:
    stop = [CHOICES[0], ("back", "yes", "Yes"), ("back", "no", "No")]
    (tmp_path / "form.xlsx").write_bytes(form(HEAD, ("select_one back", "return", "Come back?"), choices=stop))
    code, _, err = run("survey", "import", "form.xlsx", "--to", "form.toml")
    assert code == 1 and (tmp_path / "form.toml").is_file()
    assert "FAULT    form.toml: return: the answer “Yes” is a word that carriers or the line act on" in err


def test_a_folder_with_a_faulty_questionnaire_is_refused(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL.replace('es = "Sueldo"', 'es = "Fin"'), "utf-8")
    with pytest.raises(Faulty, match=r"small\.toml:11: reasons: the answer “Fin”"):
        surveys.load_all(tmp_path)
