"""Written conversations come out word for word."""

from pathlib import Path

import pytest

from tests.handlers import talk_exits
from tests.handlers.talk import play

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_conversation_goes_as_written(transcript: Path) -> None:
    play(transcript.read_text("utf-8"))


INTERVIEWS = sorted((Path(__file__).parent / "transcripts" / "exits").glob("*.txt"))


@pytest.mark.parametrize("transcript", INTERVIEWS, ids=lambda path: path.stem)
def test_exit_interview_goes_as_written(transcript: Path) -> None:
    talk_exits.play(transcript.read_text("utf-8"))
