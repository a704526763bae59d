"""The way in: `python -m bot COMMAND`."""

import gc
import sys


def main() -> int:
    """Run the command; 0 done, 1 found a fault, 2 used wrongly. A fault is one sentence on standard error."""
    try:
        _run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
    except Exception as fault:
        return _explain(fault)
    return 0


def _run(words: list[str]) -> None:
    if words == ["serve"]:  # the service starts without the library that reads command lines
        gc.disable()  # nothing that is imported is garbage, and looking takes a fifth of the start
        from bot.commands.serve import serve

        serve()
    else:
        from bot import logs
        from bot.commands.cli import app

        logs.configure("warning", "console")
        app(prog_name="python -m bot")


def _explain(fault: Exception) -> int:
    from bot.commands.faults import sentence

    words, code = sentence(fault)
    print(words, file=sys.stderr)
    return code


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:  # here and not in `main`, for it concerns the whole process
        from bot import lean

        lean.leave_out()
    sys.exit(main())
