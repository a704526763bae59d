"""What may name somebody leaves a comment; what people say stays."""

import pytest

from handlers.redact import redact


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Call me at 816-555-0142 please.", "Call me at [number] please."),
        ("Write to jo.doe@example.org", "Write to [address]"),
        ("I had badge 4471 since 2019.", "I had [number] since 2019."),
        ("Sgt. Miller yelled at Dana Reyes in the yard.", "Sgt. [name] yelled at [name] in the yard."),
        ("Maria never got training.", "[name] never got training."),
        ("All of Unit 7 wants to leave.", "All of [unit] wants to leave."),
        ("El jefe Gutiérrez no escucha.", "El jefe [name] no escucha."),
        ("Call 911 more than 2 times? Pay was $15.50 in May.", "Call 911 more than 2 times? Pay was $15.50 in May."),
        ("Better pay. More people. HR was slow on Monday.", "Better pay. More people. HR was slow on Monday."),
        ("I think I'd have stayed.", "I think I'd have stayed."),
    ],
)
def test_names_numbers_badges_units_and_addresses_are_taken_out(said: str, kept: str) -> None:
    assert redact(said) == kept
