"""Values of a JSON design, the origins of numbers verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from resdsl import limits
from resdsl.exchange.refusal import RefusedError, at, refuse_unless
from resdsl.exchange.value_forms import (
    CalleeForm,
    ElementForm,
    LetForm,
    ListForm,
    OperationForm,
    SizeForm,
    TracedForm,
)
from resdsl.extents import Size
from resdsl.language.values.values import Callee
from resdsl.provenance import (
    ARITHMETIC,
    DEPTH,
    Bound,
    Element,
    Leaf,
    Operation,
    Origin,
    depth,
    operation,
    traced,
)


def read(form: Any, known: Mapping[str, Any]) -> Any:
    """The value of a form. `known` are the arguments of the definition in which it stands.

    Raises RefusedError where a number is not what it is said to come from.
    """
    match form:
        case TracedForm():
            return _traced(form, known)
        case SizeForm():
            numbers = [read(number, known) for number in form.size]
            refuse_unless(all(isinstance(n, int) for n in numbers), "a size has whole numbers")
            refuse_unless(0 < len(numbers) <= 4, "a size has one to four numbers")
            return Size(numbers)
        case ListForm():
            refuse_unless(len(form.list) <= limits.LIST_LENGTH, "the list is too long")
            return tuple(read(item, known) for item in form.list)
        case CalleeForm():
            return Callee(form.callee, tuple(read_all(form.bound, known).items()))
        case _:
            return form


def read_all(forms: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, form in forms.items():
        with at(f".{name}"):
            found[name] = read(form, known)
    return found


def _traced(form: TracedForm, known: Mapping[str, Any]) -> Any:
    source, value = _origin(form.origin, known)
    # Which of 1 and 1.0 it is, its origin says: other writers of JSON make no difference.
    if value != form.value:
        raise RefusedError(f"the number is {form.value!r}, but its origin has the value {value!r}")
    if not isinstance(source, Origin):
        raise RefusedError("an origin names a parameter")
    refuse_unless(depth(source) <= DEPTH, f"an origin has at most {DEPTH} operations in a row")
    return traced(value, source)


def _origin(form: Any, known: Mapping[str, Any]) -> tuple[Origin | int | float, int | float]:
    """An origin and the number that it comes to."""
    match form:
        case str():
            value = known.get(form)
            if not _is_number(value):
                raise RefusedError(f"no number is called `{form}` in this definition")
            return Leaf(form), value
        case ElementForm(element=name, place=place):
            row = known.get(name)
            if type(row) is not tuple or not place < len(row) or not _is_number(row[place]):
                raise RefusedError(f"no list `{name}` of this definition has a number there")
            return Element(name, place), row[place]
        case LetForm():
            source, value = _origin(form.be, known)
            if not isinstance(source, Origin):
                raise RefusedError("an origin names a parameter")
            return Bound(form.let, source), value
        case OperationForm():
            return _operation(form, known)
        case number:
            return number, number


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _operation(form: OperationForm, known: Mapping[str, Any]) -> tuple[Operation, int | float]:
    left, one = _origin(form.left, known)
    right, two = _origin(form.right, known)
    try:
        value = ARITHMETIC[form.op](one, two)
    except ArithmeticError as error:
        raise RefusedError(f"`{form.op}` of {one} and {two} has no value") from error
    if not abs(value) <= limits.LARGEST:
        raise RefusedError("the value of an origin is beyond 64 bits")
    return operation(form.op, left, right), value
