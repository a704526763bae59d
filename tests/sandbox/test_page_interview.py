"""A leaver takes their exit interview on the page, in Slack by direct message and in Teams by a code."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from tests.sandbox.conftest import START
from tests.sandbox.test_page import on_line, say, serious
from tests.sandbox.test_page import text as send
from tests.sandbox.test_page_teams import become, go_to
from tests.sandbox.test_page_teams import say as say_in_teams

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LAST_DAY = f"{START + timedelta(days=2):%Y-%m-%d}"
COMMENT = "Night shifts without end"
CODE = re.compile(r"/interview join ([0-9A-Z]{5}-[0-9A-Z]{5})")


async def invite(page: Page, account: str = "") -> None:
    """The coordinator at MARC invites Leaver A, who leaves Independence in two days."""
    await page.locator("#persona").select_option(label="Nadia Osei")
    await say(page, "/exit invite")
    modal = page.locator("#modal")
    await modal.get_by_role("radio", name="Independence").check()
    await modal.get_by_label("Private phone").fill("816-555-0151")
    await modal.get_by_label("Last day of work").fill(LAST_DAY)
    await modal.get_by_role("radio", name="Yes").check()
    await modal.get_by_label("How they agreed").fill("signed exit form")
    if account:
        await modal.get_by_label("Their account here").select_option(label=account)
    await modal.get_by_role("button", name="Invite").click()
    await expect(modal).to_contain_text("The invitation leaves on")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Next event").click()
    await expect(page.locator("#said")).to_contain_text("It is now")


async def agree(form: Locator) -> None:
    await expect(form).to_contain_text("Who sees it: only survey staff at MARC.")
    await form.get_by_role("radio", name="I agree").check()
    await form.get_by_role("button", name="Next").click()


async def finish(form: Locator) -> None:
    """The first page has its reasons, all others are skipped to the last."""
    await form.get_by_label("Other", exact=True).check()
    await form.get_by_role("button", name="Next").click()
    await form.get_by_role("textbox", name="What was the other reason?").fill(COMMENT)
    while await form.get_by_role("button", name="Next").count():
        before = await form.inner_text()
        await form.get_by_role("button", name="Next").click()
        await expect(form).not_to_have_text(before, use_inner_text=True)
    await expect(form).to_contain_text("that was all")


async def test_a_leaver_is_asked_by_direct_message_and_answers_in_a_modal(page: Page) -> None:
    await invite(page, "Taylor Brooks")
    await page.locator("#persona").select_option(label="Taylor Brooks")
    await page.locator("#places").get_by_role("button", name="Commonline").click()
    card = page.locator(".post")
    await expect(card).to_contain_text("Questions from MARC")
    await card.get_by_role("button", name="Open").click()
    modal = page.locator("#modal")
    await agree(modal)
    await expect(modal).to_contain_text("0 answered")
    assert await serious(page) == []
    await finish(modal)
    await page.keyboard.press("Escape")
    await expect(card).to_have_count(1)
    await expect(page.locator(".posts")).not_to_contain_text(COMMENT)
    await page.locator("#persona").select_option(label="Nadia Osei")
    await say(page, "/exit progress")
    await expect(page.locator(".posts")).to_contain_text("Invited")
    await expect(page.locator(".posts")).not_to_contain_text("Taylor")


async def test_begun_by_text_it_goes_on_in_teams_with_a_code(page: Page) -> None:
    await invite(page)
    await page.locator("#number").select_option(label="Leaver A · (816) 555-0151")
    await on_line(page, "Independence")
    await on_line(page, "Exit Interview")
    await expect(page.locator(".text.theirs .bubble")).to_contain_text("19 short questions")
    await send(page, "CHAT")
    told = page.locator(".text.theirs .bubble").filter(has_text=CODE)
    await expect(told).to_have_count(1)
    found = CODE.search(await told.inner_text())
    assert found
    await page.get_by_role("button", name="Teams", exact=True).click()
    await become(page, "Avery Stone")
    await go_to(page, "Commonline")
    await say_in_teams(page, found.group())
    await page.locator(".remark").last.get_by_role("button", name="Open").click()
    dialog = page.locator("#task")
    await agree(dialog)
    await expect(dialog).to_contain_text("0 answered")
    assert await serious(page) == []
    await finish(dialog)
    await page.keyboard.press("Escape")
    await expect(page.locator("#remarks")).not_to_contain_text(COMMENT)
