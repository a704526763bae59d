"""The two pages that app stores ask for, privacy and terms: short, plain, and the same for everybody."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.reading_room import render

PRIVACY = (
    "Commonline is a line that cities share. People text it reports and answers to exit interviews; staff of the "
    "cities work them from Slack or Microsoft Teams.",
    "Texts are confidential, not anonymous: the phone companies and Twilio, which carries them, see both numbers, the "
    "time and the words.",
    "Kept are texts, phone numbers and pictures, what staff write and do about them, and the names and account ids of "
    "staff. Words, numbers, names and pictures are encrypted. Staff never see the number of somebody who reports, and "
    "each time they open a case is recorded.",
    "Cards in Slack and Teams hold a case word, a stage and dates. The words of a report are shown only in a form that "
    "somebody opens, and pass through Slack or Microsoft while it is open.",
    "Exit interviews: at the end of the quarter answers are split from whoever gave them, for good. Reports show only "
    "groups that are large enough.",
    "Nothing is sold, and nobody is tracked. Whatever leaves goes to those who carry it: Twilio, Slack and Microsoft. "
    "These pages set no cookie.",
    "Laws on public records apply. To ask about your data, turn to the clerk of your city.",
)
TERMS = (
    "The app in Slack and Teams is for people whom a city has put on the list of its line. Others can install it, and "
    "get no answer but that.",
    "The line is not watched for emergencies. If somebody is in danger, call or text 911.",
    "Staff use it for their city's work only, never try to find out who reported something, and keep the words of a "
    "report out of chat.",
    "Texting is free of charge on our side; your phone company's rates may apply. STOP ends all texts.",
    "The program is free software under the Apache License 2.0 and comes without warranty.",
)


def routes() -> list[Route]:
    """The addresses `/privacy` and `/terms`, which the manifest of the Teams app names."""

    async def privacy(request: Request) -> Response:
        return render(200, "Privacy", PRIVACY)

    async def terms(request: Request) -> Response:
        return render(200, "Terms of use", TERMS)

    return [Route("/privacy", privacy, methods=["GET"]), Route("/terms", terms, methods=["GET"])]
