"""Diagnostics as annotations of a GitHub workflow.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from resdsl.diagnostics.diagnostic import Diagnostic


def annotation(found: Diagnostic) -> str:
    """`::error file=…,line=…::message`. Lines and columns start at 1, the last column is in it."""
    properties: dict[str, str | int] = {"title": found.code.id}
    if found.span is not None:
        end_line, end_column = found.span.source.position(found.span.stop)
        properties |= {
            "file": found.span.source.name,
            "line": found.span.line,
            "col": found.span.column,
            "endLine": end_line,
            "endColumn": max(end_column - 1, 1),
        }
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = "\n".join([found.message, *(f"help: {help}" for help in found.help)])
    return f"::{found.severity} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str | int) -> str:
    return _data(str(value)).replace(":", "%3A").replace(",", "%2C")
