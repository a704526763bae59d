"""`survey lint|import|export`: questionnaires as files, checked, and as XLSForm workbooks."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from bot import surveys
from bot.commands import Stop, write_new
from handlers.surveys.lint import Finding, lint, shown
from handlers.surveys.questionnaire import Questionnaire

group = typer.Typer(help="Questionnaires.", no_args_is_help=True)

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="A questionnaire (TOML), or the name of one that is shipped.")
]
OTHER = "name another with --to"


@group.command("lint")
def check(
    file: File,
    price: Annotated[str, typer.Option(help="What one segment costs, in dollars.")] = "0.01",
) -> None:
    """Name every fault and doubt of a questionnaire, with its segments and cost; exit code 1 on a fault."""
    found = _existing(file)
    findings = lint(surveys.load(found), _amount(price))
    typer.echo("\n".join(_line(finding, found.name) for finding in findings))
    _stop_on_fault(findings)


@group.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(metavar="XLSX", help="An XLSForm workbook.")],
    to: Annotated[Path | None, typer.Option(help="The file to write; else it is printed.")] = None,
) -> None:
    """Make a questionnaire (TOML) from an XLSForm workbook, and say what is wrong with it."""
    from bot.xlsform import read_xlsform

    questionnaire = read_xlsform(_read(file), file.name)
    content = surveys.to_toml(questionnaire)
    if to is None:
        typer.echo(content, nl=False)
    else:
        write_new(to, content.encode(), OTHER)
    _complain(questionnaire, to.name if to else file.name)


@group.command("export")
def give_out(
    file: File,
    to: Annotated[Path | None, typer.Option(help="The workbook to write; else FILE.xlsx in this folder.")] = None,
) -> None:
    """Make an XLSForm workbook from a questionnaire."""
    from bot.xlsform import write_xlsform

    questionnaire = surveys.load(_existing(file))
    target = to or Path(f"{questionnaire.id}.xlsx")
    write_new(target, write_xlsform(questionnaire), OTHER)
    typer.echo(f"Wrote {target}.")


def _existing(file: Path) -> Path:
    shipped = surveys.FOLDER / f"{file.name}.toml"
    if not file.is_file() and len(file.parts) == 1 and shipped.is_file():
        return shipped
    if not file.is_file():
        raise Stop(f"There is no file {file}.", 2)
    return file


def _amount(price: str) -> Decimal:
    try:
        amount = Decimal(price)
    except InvalidOperation:
        amount = Decimal(-1)
    if not 0 <= amount <= 1000:
        raise Stop("--price is wrong: it must be an amount in dollars, such as 0.01.", 2)
    return amount


def _line(finding: Finding, name: str) -> str:
    return f"{finding.level.upper() if finding.level == 'fault' else finding.level:7}  {shown(finding, name)}"


def _complain(questionnaire: Questionnaire, name: str) -> None:
    """Faults and warnings on standard error, so that a printed questionnaire stays one; without lines, which moved."""
    findings = tuple(finding for finding in lint(questionnaire) if finding.level != "info")
    for finding in findings:
        typer.echo(_line(Finding(finding.level, finding.item, 0, finding.reason), name), err=True)
    _stop_on_fault(findings)


def _stop_on_fault(findings: tuple[Finding, ...]) -> None:
    if any(finding.level == "fault" for finding in findings):
        raise Stop("It cannot be used like this; see the lines marked FAULT.")


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise Stop(f"There is no file {file}.", 2)
    return file.read_bytes()
