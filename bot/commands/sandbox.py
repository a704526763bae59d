"""`sandbox`: the whole product on this machine, with stand-ins for the providers and a page to use it."""


def sandbox() -> None:
    """Start the product with stand-ins for phones and Slack, and print the address of the page to use it."""
    from bot.sandbox import main

    main()
