"""Files on the sandbox's page, chosen in a real browser: in a form of Slack, and for the chat of Teams."""

import pytest
from playwright.async_api import FilePayload, Page, expect

from bot.sandbox.residents import NAMES
from tests.interviews_file import interviews
from tests.sandbox.conftest import Open
from tests.sandbox.test_page import post, say, serious
from tests.sandbox.test_page_teams import become, remark

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LEAVERS = b"phone,last_day,voluntary,consent\n+18165550151,%s,yes,signed form\n"


def payload(content: bytes) -> FilePayload:
    return {"name": "list.csv", "mimeType": "text/csv", "buffer": content}


async def test_a_list_chosen_in_slack_is_checked_and_its_button_invites(page: Page, opened: Open) -> None:
    await page.locator("#persona").select_option(label=NAMES["U0MARCEXITS"])
    await say(page, "/exit invite many")
    modal = page.locator("#modal")
    await modal.get_by_role("radio", name="Independence").check()
    await modal.get_by_label("File (optional)").set_input_files(files=[payload(b"phone\n1\n")])
    assert await serious(page) == []
    await modal.get_by_role("button", name="Check").click()
    await expect(modal).to_contain_text("the first line lacks last_day")
    await page.keyboard.press("Escape")
    await say(page, "/exit invite many")
    await modal.get_by_role("radio", name="Independence").check()
    day = f"{opened.sandbox.clock():%Y-%m-%d}".encode()
    await modal.get_by_label("File (optional)").set_input_files(files=[payload(LEAVERS % day)])
    await modal.get_by_role("button", name="Check").click()
    await expect(modal).to_contain_text("1 person of Independence, no faults")
    await expect(modal).to_contain_text("Slack still holds the file")
    await modal.get_by_role("button", name="Invite 1").click()
    await page.locator("#confirm").get_by_role("button", name="Invite 1").click()
    await expect(modal).to_contain_text("The first invitation leaves on")


async def test_a_form_that_needs_a_file_says_so_in_slack(page: Page) -> None:
    await page.locator("#persona").select_option(label=NAMES["U0MARCEXITS"])
    await say(page, "/exit import")
    modal = page.locator("#modal")
    await modal.get_by_role("radio", name="Independence").check()
    await modal.get_by_role("button", name="Dry run").click()
    await expect(modal.locator(".wrong")).to_contain_text("Please complete this required field.")
    await expect(post(page, "refused")).to_have_count(0)


async def test_a_file_sent_in_teams_is_taken_in_by_its_dialog(page: Page) -> None:
    await page.get_by_role("button", name="Teams", exact=True).click()
    await become(page, "Paul Renner")
    await page.get_by_role("navigation", name="Teams and channels").get_by_role("button", name="Commonline").click()
    await page.get_by_label("Send a file:").set_input_files(files=[payload(interviews())])
    card = remark(page, "What is this file for?")
    await expect(card).to_contain_text("OneDrive")
    assert await serious(page) == []
    await card.get_by_role("button", name="Take interviews in that were held elsewhere").click()
    dialog = page.locator("#task")
    await expect(dialog).to_contain_text("It takes the file that you sent.")
    await dialog.get_by_role("button", name="Dry run").click()
    await expect(dialog).to_contain_text("This is what Lee's Summit would have")
    await dialog.get_by_role("button", name="Take it in").click()
    await dialog.get_by_role("button", name="Take it in").last.click()
    await expect(dialog).to_contain_text("2 responses of Lee's Summit")
