"""A state of the sandbox that reaches the page late, when the person has done something since."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from playwright.async_api import Error, Locator, Page, Route, expect

from tests.sandbox.conftest import Open
from tests.sandbox.test_page import TIP, case_word, on_line, post, say, text
from tests.sandbox.test_page_teams import become, go_to, remark

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Counts how often it is opened from now on.
COUNTED = """dialog => {
    const show = dialog.showModal.bind(dialog);
    window.opened = 0;
    dialog.showModal = () => { opened += 1; show(); };
}"""


@asynccontextmanager
async def late(page: Page, path: str) -> AsyncIterator[None]:
    """The next answer from below /sandbox/ is given by the sandbox at once, and reaches the page when this is left."""
    given, free = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        given.set()
        await free.wait()
        with suppress(Error):
            await route.fulfill(response=answer)

    await page.route(f"**/sandbox/{path}", hold, times=1)
    yield
    await given.wait()
    free.set()


async def left_while_a_state_is_under_way(page: Page, opened: Open, form: Locator) -> None:
    """Close the form after the sandbox gave a state that still has it open, and before the page has that state."""
    await expect(form).to_be_visible()
    await form.evaluate(COUNTED)
    async with late(page, "state*"):
        async with page.expect_request("**/sandbox/state*"):
            opened.sandbox.watch.changed()
        await page.keyboard.press("Escape")
        await expect(form).to_be_hidden()


async def dialog_of_a_case(page: Page) -> Locator:
    """In Teams, the dialog of a case that was just reported."""
    await on_line(page, "Lee's Summit")
    await page.get_by_role("button", name="Teams", exact=True).click()
    await become(page, "Priya Natarajan")
    await go_to(page, "Hotline")
    await text(page, TIP)
    await remark(page, await case_word(page)).get_by_role("button", name="Open", exact=True).click()
    dialog = page.locator("#task")
    await expect(dialog).to_contain_text(TIP)
    return dialog


async def test_a_form_of_slack_that_was_closed_stays_closed(page: Page, opened: Open) -> None:
    await text(page, TIP)
    word = await case_word(page)
    await say(page, f"/case note {word}")
    await left_while_a_state_is_under_way(page, opened, page.locator("#modal"))
    await say(page, "Anybody at the pool?")
    await expect(post(page, "Anybody at the pool?")).to_be_visible()
    assert await page.evaluate("opened") == 0


async def test_a_dialog_of_teams_that_was_closed_stays_closed(page: Page, opened: Open) -> None:
    await left_while_a_state_is_under_way(page, opened, await dialog_of_a_case(page))
    await text(page, "It was in May.")
    await expect(page.locator(".text.mine").filter(has_text="It was in May.")).to_be_visible()
    assert await page.evaluate("opened") == 0


async def test_a_dialog_that_was_closed_takes_the_one_that_is_to_follow_with_it(page: Page) -> None:
    dialog = await dialog_of_a_case(page)
    await dialog.evaluate(COUNTED)
    async with late(page, "teams/press"):
        await dialog.get_by_role("button", name="Note", exact=True).click()
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
    await text(page, "It was in May.")
    await expect(page.locator(".text.mine").filter(has_text="It was in May.")).to_be_visible()
    assert await page.evaluate("opened") == 0


async def test_a_form_asked_for_after_another_was_closed_is_not_closed_in_its_place(page: Page) -> None:
    await text(page, TIP)
    word = await case_word(page)
    await say(page, f"/case note {word}")
    modal = page.locator("#modal")
    await expect(modal).to_contain_text("Note")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    async with late(page, "slack/close"):
        await page.keyboard.press("Escape")
        await say(page, f"/case view {word}")
        await expect(page.locator("#say")).to_have_value("")
        assert "close" in asked and "command" not in asked
    await expect(modal).to_contain_text(TIP)


async def test_what_is_typed_while_a_form_is_checked_stays(page: Page) -> None:
    await text(page, TIP)
    await say(page, f"/case note {await case_word(page)}")
    field = page.locator("#modal textarea").first
    async with late(page, "slack/submit"):
        await page.locator("#modal footer .primary").click()
        await field.fill("Ask the treasurer")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_value("Ask the treasurer")


async def test_who_one_has_just_become_commands_from_their_own_channel(page: Page) -> None:
    async with late(page, "state*"):
        await page.locator("#persona").select_option(label="Nadia Osei")
        await say(page, "/exit invite")
    await expect(page.locator("#modal")).to_contain_text("Private phone")


async def test_nothing_of_another_can_be_pressed_until_ones_own_is_there(page: Page) -> None:
    places = page.locator("#places")
    async with late(page, "state*"):
        await page.locator("#persona").select_option(label="Taylor Brooks")
        await expect(places).to_have_js_property("inert", True)
    await places.get_by_role("button", name="Commonline").click()
    await expect(page.locator("#say")).to_have_attribute("placeholder", "Message Commonline")


async def test_a_state_that_did_not_come_is_asked_for_again(page: Page, opened: Open) -> None:
    async with page.expect_event("requestfailed"):
        await page.route("**/sandbox/state*", lambda route: route.abort(), times=1)
        opened.sandbox.slack_down = True
        opened.sandbox.watch.changed()
    await expect(page.get_by_role("switch", name="Slack")).to_have_attribute("aria-checked", "false")
