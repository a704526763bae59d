"""The sandbox's page, used in a real browser as a person would: phones, staff chat, clock, outages."""

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Locator, Page, expect

from handlers.cards import Card, Text
from handlers.messages import Outbound
from tests.sandbox.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TIP = "Cash goes missing at the pool every Friday."
WORD = re.compile(r"\b[A-Z]{2,}-\d+\b")


async def text(page: Page, words: str) -> None:
    """Type a text on the phone that is shown, and send it."""
    await page.get_by_label("Text message").fill(words)
    await page.get_by_role("button", name="Send text").click()


async def on_line(page: Page, name: str) -> None:
    """Have the phone text this city, or its line for this."""
    await page.locator(".pill").filter(has_text=name).click()


async def case_word(page: Page) -> str:
    """The word that the phone was told."""
    first = page.locator(".text.theirs .bubble").first
    await expect(first).to_have_text(WORD)
    found = WORD.search(await first.inner_text())
    assert found
    return found.group()


def post(page: Page, words: str | re.Pattern[str]) -> Locator:
    """A message in the staff chat."""
    return page.locator(".post").filter(has_text=words)


async def say(page: Page, words: str) -> None:
    """Type into the staff chat, and send it."""
    await page.locator("#say").fill(words)
    await page.get_by_role("button", name="Send message").click()


async def tab_to(page: Page, id: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == id:
            return
    raise AssertionError(f"Tab never came to {id}")


async def serious(page: Page) -> list[Any]:
    """What axe finds that would keep somebody out."""
    found = (await Axe().run(page)).response["violations"]
    return [
        (fault["id"], [node["target"] for node in fault["nodes"]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


async def test_a_text_opens_a_case_and_its_answer_is_shown_as_delivered(page: Page) -> None:
    await text(page, TIP)
    await expect(page.locator(".text.mine .bubble")).to_have_text(TIP)
    await expect(page.locator(".text.mine .state")).to_have_text("Delivered")
    word = await case_word(page)
    answer = page.locator(".text.theirs").first
    await expect(answer.locator(".state")).to_have_text("Delivered")
    await expect(answer.locator(".meta")).to_contain_text(re.compile(r"[12] segments?"))
    await expect(post(page, word)).to_be_visible()
    await expect(page.locator(".posts")).not_to_contain_text("pool")


async def test_a_reply_from_the_chat_reaches_the_phone_after_twenty_seconds(page: Page) -> None:
    await text(page, TIP)
    word = await case_word(page)
    await say(page, f"/case reply {word} Thank you. Which month was it?")
    modal = page.locator("#modal")
    await expect(modal).to_contain_text("1 SMS segment")
    await modal.get_by_role("button", name="Send").click()
    reply = page.locator(".text.theirs .bubble").filter(has_text="Which month was it?")
    await expect(modal.get_by_role("button", name="Send")).to_have_count(0)
    await expect(reply).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="+20 s").click()
    await expect(reply).to_have_text(f"[{word}] Thank you. Which month was it?")


async def test_the_segments_of_a_text_are_counted_while_it_is_typed(page: Page) -> None:
    field, count = page.get_by_label("Text message"), page.locator("#count")
    await field.fill("a" * 161)
    await expect(count).to_have_text("161 characters · 2 segments · GSM-7")
    await field.fill("ñandú 😀")
    await expect(count).to_have_text("8 characters · 1 segment · UCS-2")


async def test_a_picture_is_sent_by_mms_and_shown_in_the_thread(page: Page, opened: Open) -> None:
    await page.get_by_role("button", name="Attach a sample picture").click()
    await expect(page.locator("#count")).to_have_text("MMS with 1 picture")
    await text(page, "Here is the receipt")
    picture = page.get_by_role("img", name="Picture sent by MMS")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("naturalWidth", 480)
    assert opened.sandbox.twilio.messages[0].media[0].content_type == "image/jpeg"


async def test_a_command_opens_a_modal_by_keyboard_alone_and_escape_closes_it(page: Page) -> None:
    await text(page, TIP)
    word = await case_word(page)
    await expect(post(page, word)).to_be_visible()
    await page.evaluate("document.activeElement.blur()")
    await tab_to(page, "say")
    await page.keyboard.type("/case vi")
    await expect(page.locator("#suggestions").get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#say")).to_have_value(f"/case view {word} ")
    await page.keyboard.press("Enter")
    modal = page.get_by_role("dialog", name=word)
    await expect(modal).to_contain_text("pool")
    for _ in range(20):
        await page.keyboard.press("Tab")
        assert await page.evaluate(
            "document.activeElement.closest('dialog') || document.activeElement === document.body"
        )
    await page.keyboard.press("Escape")
    await expect(modal).to_have_count(0)
    assert await page.evaluate("document.activeElement.id") == "say"


async def test_an_incomplete_form_says_what_is_missing_and_keeps_what_was_typed(page: Page) -> None:
    await text(page, TIP)
    word = await case_word(page)
    await say(page, f"/case note {word}")
    field = page.locator("#modal textarea").first
    await expect(field).to_be_focused()
    await page.keyboard.press("Tab")
    await page.locator("#modal footer .primary").click()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_be_focused()
    assert "required" in await page.locator("#modal .error").inner_text()
    await field.fill("Ask the treasurer")
    await page.locator("#modal footer .primary").click()
    await expect(field).to_have_count(0)


async def test_moving_the_clock_on_shows_what_came_due(page: Page, opened: Open) -> None:
    await text(page, TIP)
    await expect(post(page, await case_word(page))).to_contain_text("New report")
    before = opened.sandbox.clock()
    await page.get_by_role("button", name="+1 week").click()
    await expect(post(page, re.compile(r"\d+ %|overdue|due")).first).to_be_visible()
    await expect(page.locator("#said")).to_contain_text("It is now")
    assert (opened.sandbox.clock() - before).days == 7


async def test_a_text_that_the_line_missed_is_fetched_later(page: Page) -> None:
    webhooks = page.get_by_role("switch", name="Text provider")
    await webhooks.click()
    await expect(webhooks).to_have_attribute("aria-checked", "false")
    await text(page, TIP)
    await expect(page.locator(".text.mine .state")).to_contain_text("Kept by the provider")
    await expect(page.locator(".text.theirs")).to_have_count(0)
    await page.get_by_role("button", name="+1 h").click()
    await case_word(page)


async def test_a_text_that_is_lost_on_its_way_is_shown_as_not_delivered(page: Page) -> None:
    await page.get_by_role("button", name="Lose the next text to a phone").click()
    await expect(page.locator(".toast")).to_contain_text("will not reach its phone")
    await text(page, TIP)
    await expect(page.locator(".text.theirs .state").first).to_contain_text("Not delivered (30003)")


async def test_what_staff_should_see_is_posted_when_slack_is_back(page: Page) -> None:
    slack = page.get_by_role("switch", name="Slack")
    await slack.click()
    await expect(slack).to_have_attribute("aria-checked", "false")
    await text(page, TIP)
    word = await case_word(page)
    await say(page, "/case list")
    await expect(page.locator(".toast")).to_have_text("Slack is down.")
    await expect(post(page, word)).to_have_count(0)
    await slack.click()
    await page.get_by_role("button", name="+1 h").click()
    await expect(post(page, word)).to_be_visible()


async def test_each_person_sees_only_their_own_channels(page: Page) -> None:
    await text(page, TIP)
    word = await case_word(page)
    await page.get_by_label("You are").select_option(label="Taylor Brooks")
    await expect(page.locator("#persona-role")).to_have_text("Works here, but is not on the list")
    await expect(page.locator("#places")).not_to_contain_text("hotline")
    await say(page, f"/case view {word}")
    await expect(page.locator(".post.private")).to_contain_text("Only visible to you")
    await expect(page.locator("#modal")).to_be_hidden()


async def test_hostile_words_stay_words(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> <!channel> *bold* <https://evil.example|click>"
    await text(page, hostile)
    await expect(page.locator(".text.mine .bubble")).to_have_text(hostile)
    await say(page, f"/case view {await case_word(page)}")
    await expect(page.locator("#modal blockquote")).to_contain_text("<img src=x onerror=alert(1)>")
    assert await page.locator("#modal .modal-body :is(img, a, .mention)").count() == 0


async def test_mail_that_left_is_listed_and_can_be_read(page: Page, opened: Open) -> None:
    await expect(page.get_by_role("button", name="Mail")).to_be_hidden()
    card = Card("Seat given up: SUP-3", (Text("Dana Reyes will not come. <b>x</b>"),))
    sandbox = opened.sandbox
    owed = Outbound("m-1", "email", "", "training@marc.example.org", "card", sandbox.clock(), card=card)
    await sandbox.service.channels["email"].send(owed)
    await page.get_by_role("button", name="Mail 1").click()
    await page.get_by_text("Seat given up: SUP-3").click()
    await expect(page.get_by_text("Dana Reyes will not come. <b>x</b>")).to_be_visible()
    assert await serious(page) == []


async def test_nobody_is_kept_out_by_a_serious_accessibility_fault(page: Page) -> None:
    await text(page, TIP)
    word = await case_word(page)
    await expect(post(page, word)).to_be_visible()
    assert await serious(page) == []
    await page.emulate_media(color_scheme="dark")
    assert await serious(page) == []
    await page.locator("#say").fill("/case ")
    assert await serious(page) == []
    await say(page, f"/case note {word}")
    await expect(page.locator("#modal")).to_be_visible()
    assert await serious(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Home", exact=True).click()
    await expect(page.locator("#home")).to_contain_text("My cases")
    assert await serious(page) == []


async def test_a_narrow_screen_shows_one_side_at_a_time_without_sideways_scrolling(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await text(page, TIP)
    word = await case_word(page)
    width = "document.documentElement.scrollWidth"
    assert await page.evaluate(width) == 360
    await expect(page.locator("#chat")).to_be_hidden()
    await page.get_by_role("button", name="Staff chat").click()
    await expect(page.locator("#phone")).to_be_hidden()
    await expect(post(page, word)).to_be_visible()
    assert await page.evaluate(width) == 360
    assert await serious(page) == []


async def test_news_on_many_phones_leaves_the_phone_in_its_place(page: Page, opened: Open) -> None:
    before = await page.locator("#text").bounding_box()
    for number in range(9):
        await opened.sandbox.twilio.receive(f"+1816555019{number}", "+18165550101", TIP)
    await expect(page.locator("#elsewhere button")).to_have_count(9)
    after = await page.locator("#text").bounding_box()
    assert before and after
    assert after["y"] - before["y"] < 60


async def test_sample_texts_are_those_of_the_line(page: Page) -> None:
    await expect(page.locator("#ideas")).to_contain_text("A tip")
    await on_line(page, "Enrolment")
    await expect(page.locator("#ideas")).to_contain_text("Courses")
    await expect(page.locator("#ideas")).not_to_contain_text("A tip")
