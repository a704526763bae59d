"""What `python -m bot …` can do, one file per group of commands."""


class Stop(Exception):
    """Ends a command with one sentence; `code` is 1 for a fault that was found, 2 for a wrong use."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code
