"""The whole product on stand-ins for the providers, with a page to use it."""


def main(port: int | None = None) -> None:
    """Run it on this machine until it is told to stop; `port` is PORT by default."""
    from bot.sandbox.server import main as run

    run(port)
