"""The page's Teams side, used in a real browser as a person would: cards, dialogs, private answers, the chat."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.sandbox.conftest import Open
from tests.sandbox.test_page import TIP, case_word, on_line, serious, tab_to, text

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def teams(page: Page) -> Page:
    """The page on its Teams side, with a phone that texts Lee's Summit."""
    await on_line(page, "Lee's Summit")
    await page.get_by_role("button", name="Teams", exact=True).click()
    await become(page, "Priya Natarajan")
    await go_to(page, "Hotline")
    return page


async def become(page: Page, name: str) -> None:
    await page.locator("#colleague").select_option(label=name)
    await expect(page.locator("#colleague-avatar")).to_have_text("".join(part[0] for part in name.split()))


async def go_to(page: Page, channel: str) -> None:
    await page.get_by_role("navigation", name="Teams and channels").get_by_role("button", name=channel).click()


def remark(page: Page, words: str | re.Pattern[str]) -> Locator:
    """A message in Teams."""
    return page.locator(".remark").filter(has_text=words)


async def say(page: Page, words: str) -> None:
    await page.locator("#remark").fill(words)
    await page.locator("#remark-form .send").click()


async def test_a_text_to_the_city_in_teams_is_a_card_there_and_nowhere_in_slack(teams: Page, opened: Open) -> None:
    await text(teams, TIP)
    word = await case_word(teams)
    await expect(remark(teams, word)).to_be_visible()
    await expect(teams.locator("#remarks")).not_to_contain_text("pool")
    posts = [post.text for channel in opened.sandbox.slack.channels.values() for post in channel.messages]
    assert not any(word in post for post in posts)


async def test_a_button_opens_a_dialog_whose_form_says_what_is_missing_and_then_keeps_the_note(teams: Page) -> None:
    await text(teams, TIP)
    word = await case_word(teams)
    await remark(teams, word).get_by_role("button", name="Open", exact=True).click()
    await expect(teams.get_by_role("dialog", name=word)).to_contain_text("pool")
    dialog = teams.locator("#task")
    await dialog.get_by_role("button", name="Note", exact=True).click()
    field = dialog.get_by_role("textbox", name="Note")
    await expect(field).to_be_focused()
    await dialog.get_by_role("button", name="Save note").click()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_be_focused()
    await field.fill("Ask the treasurer")
    await dialog.get_by_role("button", name="Save note").click()
    await expect(dialog).to_contain_text("Your note is in")
    await teams.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def test_a_command_and_its_answer_are_for_one_pair_of_eyes_by_keyboard_alone(teams: Page) -> None:
    await text(teams, TIP)
    word = await case_word(teams)
    await expect(remark(teams, word)).to_be_visible()
    await teams.evaluate("document.activeElement.blur()")
    await tab_to(teams, "remark")
    await teams.keyboard.type("/")
    options = teams.locator("#remark-suggestions").get_by_role("option")
    await expect(options.first).to_contain_text("/case")
    await expect(options.last).to_contain_text("/home")
    await teams.keyboard.press("Tab")
    await teams.keyboard.type("vi")
    await teams.keyboard.press("Tab")
    await teams.keyboard.press("ArrowDown")
    await teams.keyboard.press("Enter")
    await expect(teams.locator("#remark")).to_have_value(f"/case view {word} ")
    await teams.keyboard.press("Enter")
    private = teams.locator(".remark.private")
    await expect(private).to_have_count(2)
    await expect(private.last).to_contain_text("Only you can see this")
    await expect(private.last).not_to_contain_text("pool")
    await private.last.get_by_role("button", name="Open").press("Enter")
    await expect(teams.get_by_role("dialog", name=word)).to_contain_text("pool")
    await teams.keyboard.press("Escape")
    await become(teams, "Marcus Bell")
    await go_to(teams, "Hotline")
    await expect(remark(teams, word)).to_have_count(1)
    await expect(teams.locator(".remark.private")).to_have_count(0)


async def test_a_reply_from_teams_reaches_the_phone_after_twenty_seconds(teams: Page) -> None:
    await text(teams, TIP)
    word = await case_word(teams)
    await remark(teams, word).get_by_role("button", name="Reply").click()
    dialog = teams.locator("#task")
    await dialog.get_by_role("textbox").fill("Thank you. Which month was it?")
    await dialog.get_by_role("button", name="Preview").click()
    await expect(dialog).to_contain_text("1 SMS segment")
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog).to_contain_text("It leaves in 20 seconds.")
    await teams.keyboard.press("Escape")
    await teams.get_by_role("button", name="+20 s").click()
    reply = teams.locator(".text.theirs .bubble").filter(has_text="Which month was it?")
    await expect(reply).to_have_text(f"[{word}] Thank you. Which month was it?")


async def test_what_one_does_in_slack_stands_on_the_card_in_teams(page: Page) -> None:
    await on_line(page, "Blue Springs")
    await text(page, TIP)
    await page.locator(".post").get_by_role("button", name="Assign to me").click()
    await page.get_by_role("button", name="Teams", exact=True).click()
    await become(page, "Hannah Price")
    await go_to(page, "Hotline")
    card = remark(page, await case_word(page))
    await expect(card).to_contain_text("Luis Ortega")
    await expect(card).to_contain_text("Edited")


async def test_the_chat_takes_plain_words_and_shows_the_own_page_and_the_plus_opens_a_dialog(teams: Page) -> None:
    await go_to(teams, "Commonline")
    await expect(teams.locator("#remarks")).to_contain_text("This is where you work the cases")
    await say(teams, "home")
    await expect(remark(teams, "Clocks at risk")).to_be_visible()
    await teams.get_by_role("button", name="Commonline: your cases in a dialog").click()
    await expect(teams.get_by_role("dialog")).to_contain_text("Nothing here")


async def test_chatter_without_a_mention_stays_among_people_and_a_stranger_learns_nothing(teams: Page) -> None:
    await say(teams, "what a mess")
    await expect(teams.locator(".remark")).to_have_count(1)
    await become(teams, "Avery Stone")
    await go_to(teams, "General")
    await say(teams, "@Commonline list")
    await expect(teams.locator(".remark.private")).to_contain_text("Only those who handle reports")


async def test_what_staff_should_see_is_posted_when_teams_is_back(teams: Page) -> None:
    switch = teams.get_by_role("switch", name="Teams")
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "false")
    await text(teams, TIP)
    word = await case_word(teams)
    await say(teams, "/case list")
    await expect(teams.locator("#toasts")).to_contain_text("Teams is down.")
    await expect(remark(teams, word)).to_have_count(0)
    await switch.click()
    await teams.get_by_role("button", name="+1 h").click()
    await expect(remark(teams, word)).to_be_visible()


async def test_hostile_words_stay_words_in_teams(teams: Page) -> None:
    await text(teams, "<img src=x onerror=alert(1)> [click](https://evil.example) **b** <at>all</at>")
    await say(teams, f"/case view {await case_word(teams)}")
    await teams.locator(".remark.private").last.get_by_role("button", name="Open").click()
    answer = teams.locator("#task")
    await expect(answer).to_contain_text("<img src=x onerror=alert(1)>")
    assert await answer.locator(".ac :is(img, a, b, strong)").count() == 0


async def test_nobody_is_kept_out_of_teams_by_a_serious_accessibility_fault(teams: Page) -> None:
    await text(teams, TIP)
    word = await case_word(teams)
    await expect(remark(teams, word)).to_be_visible()
    assert await serious(teams) == []
    await teams.emulate_media(color_scheme="dark")
    assert await serious(teams) == []
    await teams.locator("#remark").fill("/case ")
    assert await serious(teams) == []
    await say(teams, f"/case close {word}")
    await teams.locator(".remark.private").last.get_by_role("button", name="Open").click()
    await expect(teams.locator("#task")).to_contain_text("Outcome")
    assert await serious(teams) == []
    await teams.keyboard.press("Escape")
    await remark(teams, "New report").get_by_role("button", name="Open", exact=True).click()
    await expect(teams.locator("#task")).to_be_visible()
    assert await serious(teams) == []
    await teams.keyboard.press("Escape")
    await go_to(teams, "Commonline")
    await teams.emulate_media(color_scheme="light")
    assert await serious(teams) == []


async def test_a_narrow_screen_shows_teams_without_sideways_scrolling(teams: Page) -> None:
    await teams.set_viewport_size({"width": 360, "height": 740})
    await teams.get_by_role("button", name="Phone", exact=True).click()
    await text(teams, TIP)
    word = await case_word(teams)
    await teams.get_by_role("button", name="Staff chat").click()
    await expect(remark(teams, word)).to_be_visible()
    assert await teams.evaluate("document.documentElement.scrollWidth") == 360
    assert await serious(teams) == []
