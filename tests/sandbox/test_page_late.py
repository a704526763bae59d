"""A state of the sandbox that reaches the page late, when the person has done something since."""

import asyncio
from contextlib import suppress

import pytest
from playwright.async_api import Error, Locator, Page, Route, expect

from tests.sandbox.conftest import Open
from tests.sandbox.test_page import TIP, case_word, post, say, text
from tests.sandbox.test_page_teams import become, go_to, remark

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Counts how often it is opened from now on.
COUNTED = """dialog => {
    const show = dialog.showModal.bind(dialog);
    window.opened = 0;
    dialog.showModal = () => { opened += 1; show(); };
}"""


async def left_while_a_state_is_under_way(page: Page, opened: Open, form: Locator) -> None:
    """Close the form after the sandbox gave a state that still has it open, and before the page has that state."""
    given, late = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        given.set()
        await late.wait()
        with suppress(Error):
            await route.fulfill(response=answer)

    await expect(form).to_be_visible()
    await form.evaluate(COUNTED)
    await page.route("**/sandbox/state*", hold, times=1)
    opened.sandbox.watch.changed()
    await given.wait()
    await page.keyboard.press("Escape")
    await expect(form).to_be_hidden()
    late.set()


async def test_a_form_of_slack_that_was_closed_stays_closed(page: Page, opened: Open) -> None:
    await text(page, TIP)
    word = await case_word(page)
    await say(page, f"/case note {word}")
    await left_while_a_state_is_under_way(page, opened, page.locator("#modal"))
    await say(page, "Anybody at the pool?")
    await expect(post(page, "Anybody at the pool?")).to_be_visible()
    assert await page.evaluate("opened") == 0


async def test_a_dialog_of_teams_that_was_closed_stays_closed(page: Page, opened: Open) -> None:
    await page.get_by_role("radio", name="Lee's Summit").check(force=True)
    await page.get_by_role("button", name="Teams", exact=True).click()
    await become(page, "Priya Natarajan")
    await go_to(page, "Hotline")
    await text(page, TIP)
    await remark(page, await case_word(page)).get_by_role("button", name="Open", exact=True).click()
    await left_while_a_state_is_under_way(page, opened, page.locator("#task"))
    await text(page, "It was in May.")
    await expect(page.locator(".text.mine").filter(has_text="It was in May.")).to_be_visible()
    assert await page.evaluate("opened") == 0
