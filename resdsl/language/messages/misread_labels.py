"""What to say of the label of a step, a stage or a `param` that is called or read like a tensor."""

from __future__ import annotations

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label
from resdsl.language.messages.surroundings import Reason, Sought
from resdsl.language.names import elsewhere
from resdsl.syntax import tree

# What an `expect` may read of a stage, label or kept tensor.
_OF_TAPS = ("shape", "receptive_field", "total_stride")
# Of a call that is repeated in a message.
_LONGEST = 40


def misread_label(sought: Sought) -> Reason | None:
    name = sought.name.id
    found = elsewhere.label_of(sought.around.labels, name)
    if found is None or found.label is None:
        return None
    others = (Label(found.label.span, "here"),)
    if sought.expecting:
        return _expected(sought, found, others)
    if isinstance(found, tree.Param):
        return _param(sought, found, others)
    what = "stage" if isinstance(found, tree.Stage) else "label"
    if sought.call is not None:
        help = "each call makes a module of its own: write what stands behind the label again"
        applied = sought.around.units.get(id(sought.call))
        is_before = found.span.stop <= sought.name.span.start
        if is_before and isinstance(applied, tree.Apply | tree.Branch):
            help = f"`reuse {name}` calls it again, with its weights; written again, it has others"
        return Reason(f"`{name}` is a {what}, which cannot be called", "", help, others)
    if found.span.start > sought.name.span.start:
        return Reason(f"`{name}` is a {what} further below", "", None, others)
    help = f"`keep {found.label.span.text}` behind it names its result"
    _, after = sought.around.neighbours.get(id(getattr(found, "unit", None)), (None, None))
    if isinstance(after, tree.KeepAll):
        help = f"its result is `{after.items[0].span.text.removeprefix('keep').strip()}` here"
    message = f"`{name}` is a {what}, not a tensor"
    is_told = _is_told(sought)
    return Reason(message, "names a module", help, others, codes.TENSOR, is_told=is_told)


def _is_told(sought: Sought) -> bool:
    """Whether the same join or fork has read it before: one `keep` mends both."""
    around = sought.around.enclosing(sought.name)
    join = next((one for one in around if isinstance(one, tree.Join | tree.Fork)), None)
    told = (id(join), sought.name.id)
    is_told = join is not None and told in sought.around.told_labels
    sought.around.told_labels.add(told)
    return is_told


def _expected(sought: Sought, found: elsewhere.Labelled, others: tuple[Label, ...]) -> Reason:
    name, field = sought.name.id, sought.around.fields.get(id(sought.name))
    meant = [tap for tap in _OF_TAPS if field is not None and field in tap]
    help = f"write `{meant[0]}({name})`" if meant else f"`shape({name})` is the shape of its result"
    what, named = "label", "a module"
    if isinstance(found, tree.Stage):
        what = "stage"
    elif isinstance(found, tree.Param):
        what, named = "`param`", "a tensor that is learned"
    return Reason(f"`{name}` is a {what}, not a value", f"names {named}", help, others)


def _param(sought: Sought, found: tree.Param, others: tuple[Label, ...]) -> Reason:
    """`gamma`, as if `param gamma: layer_scale()` had only declared it."""
    name, call = sought.name.id, found.call.span.text
    message = f"`{name}` is a `param`, which is applied where it stands"
    if sought.call is None and _is_applied_again(sought, found):
        help = "it is applied already where it stands: leave the `join` out"
        return Reason(message, "applied again", help, others, codes.TENSOR)
    if sought.call is None:
        help = f"`keep {name}` behind the `param` names what it makes there"
        return Reason(message, "no tensor by itself", help, others, codes.TENSOR)
    shown = f"param {name}: {call if len(call) <= _LONGEST and call.isprintable() else '…'}"
    if not isinstance(sought.around.units.get(id(sought.call)), tree.Apply):
        shown = f"{{ {shown} }}"
    help = f"move it here, to where it is to be applied: `{shown}`"
    return Reason(message, "applies nothing", help, others)


def _is_applied_again(sought: Sought, found: tree.Param) -> bool:
    """`param gamma: layer_scale() join here * gamma`, with no step between."""
    join = next((n for n in sought.around.enclosing(sought.name) if isinstance(n, tree.Join)), None)
    match join:
        case tree.Join(tree.Binary(op, left, right)) if op in ("*", "+"):
            other = right if left is sought.name else left
            between = found.span.source.text[found.span.stop : join.span.start]
            return isinstance(other, tree.Name) and other.id == "here" and not between.strip()
    return False
