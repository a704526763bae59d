"""The table of commands."""

import typer

from bot.commands import (
    backup,
    check,
    city,
    exits,
    exits_invite,
    keys,
    migrate,
    report,
    sandbox,
    serve,
    slack_manifest,
    staff,
    survey,
    teams_package,
    training,
)

app = typer.Typer(
    help="Commonline, one line for the services that cities share.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.command()(sandbox.sandbox)
app.command()(serve.serve)
app.command()(check.check)
app.command()(migrate.migrate)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(backup.verify)
app.command()(slack_manifest.slack_manifest)
app.command()(teams_package.teams_package)
app.add_typer(keys.group, name="keys")
app.add_typer(city.group, name="city")
app.add_typer(staff.group, name="staff")
exits.group.command("invite")(exits_invite.invite)
app.add_typer(exits.group, name="exits")
app.add_typer(survey.group, name="survey")
app.add_typer(training.group, name="training")
app.add_typer(report.group, name="report")
