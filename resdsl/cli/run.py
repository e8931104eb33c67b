"""One run of the command line: every way that it can end, and its exit status."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import click

from resdsl.cli import debugging, terminal
from resdsl.cli.failures import CommandError
from resdsl.cli.group import cli
from resdsl.cli.status import FINE, INTERRUPTED, TOOL_MISSING, USAGE, of
from resdsl.diagnostics.exception import SpecError
from resdsl.outputs import KeptError, OutputError
from resdsl.paths import shown, why

# What commands import when they need it, and what may be absent after an installation by hand.
_DEPENDENCIES = ("graphviz", "pydantic", "rich", "torch")


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit status. Only a bug under `--debug` raises."""
    terminal.prepare()
    if shell := os.environ.get("_RESDSL_COMPLETE"):
        from resdsl.cli.completing import answer

        answer(shell, arguments)
        return FINE
    debugging.turn_off()
    try:
        return terminal.finish(_invoked(list(arguments)))
    except SpecError as error:
        terminal.show(error.diagnostics)
        return of(error.diagnostics)
    except KeptError as error:
        terminal.error(f"{error.why}; --force overwrites it, -o names another file")
        return USAGE
    except OutputError as error:
        terminal.error(str(error))
        return USAGE
    except CommandError as error:
        terminal.error(str(error))
        return error.status
    except click.ClickException as error:
        _usage(error)
        return USAGE
    except (KeyboardInterrupt, click.Abort):
        terminal.interrupted()
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if error.name not in _DEPENDENCIES:
            return _bug(error)
        terminal.error(f"{error.name} is not installed here: pip install {error.name}")
        return TOOL_MISSING
    except OSError as error:
        if error.errno == errno.EPIPE:
            return terminal.finish(FINE)  # whoever reads the help text has seen enough
        if error.errno == errno.ENOSPC:
            terminal.error("the output cannot be written: no space left")
            return terminal.finish(USAGE)
        # The system's word, for what no command met with a better one.
        name = f"{shown(error.filename)}: " if isinstance(error.filename, str) else ""
        terminal.error(name + why(error))
        return terminal.finish(USAGE)
    except Exception as error:
        return _bug(error)


def _invoked(arguments: list[str]) -> int:
    """Not `cli.main`, which has endings of its own for Ctrl-C and broken pipes."""
    try:
        with cli.make_context("resdsl", arguments) as context:
            status = cli.invoke(context)
    except click.exceptions.Exit as end:
        status = end.exit_code
    return status if isinstance(status, int) else FINE


def _bug(error: Exception) -> int:
    from resdsl.cli.bug import report

    return report(error)


def _usage(error: click.ClickException) -> None:
    """Click's message in our form, on one line, and where the usage is told."""
    message = _unknown(error) if isinstance(error, click.NoSuchOption) else error.format_message()
    terminal.error(message[:1].lower() + message[1:].rstrip("."))
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        terminal.error_line(f"  {context.get_usage()}")
        terminal.error_line(f"  `{context.command_path} --help` says more")
    sys.stderr.flush()


def _unknown(error: click.NoSuchOption) -> str:
    """As an unknown command is told: click's own words are others from version to version."""
    from resdsl.diagnostics.suggest import did_you_mean

    parameters = error.ctx.command.get_params(error.ctx) if error.ctx else []
    known = [
        name
        for parameter in parameters
        if isinstance(parameter, click.Option) and not parameter.hidden
        for name in parameter.opts
    ]
    help = did_you_mean(error.option_name, known)
    return f"no such option `{error.option_name}`" + (f"; {help}" if help else "")
