"""Which steps of a network count: those that its result is made of.

A step whose result nothing reads keeps its module, keys and parameters, for the weights of such
networks must load. But `forward` does not call it: it has no MACs, limits no size, and lies on no
path. A `keep`, a label and an `expect` give names, and read nothing. Whoever asks whether a step
counts asks here.

Seen from the end of a definition a step counts if a step that counts reads what it makes. That is
asked once for each definition, whose own result counts wherever it is used. In a group that does
not count, the steps are taken as if it did: it is a module of its own.
"""

from __future__ import annotations

from resdsl.design.dataflow import Counted, all_made, operands
from resdsl.design.join_expressions import replicated
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Ref,
    Residual,
    Run,
    Step,
)
from resdsl.design.walk import bodies, calls, definitions, modules


class Liveness:
    """Of all definitions below some roots."""

    def __init__(self, *roots: Definition) -> None:
        # By identity. Bodies: those whose result nothing reads, only what is kept in them.
        self._unread: set[int] = set()
        self._unread_bodies: set[int] = set()
        # By the identity of a run of a repetition: its first copies that do not count.
        self._skipped: dict[int, int] = {}
        # By the identity of a definition, and of a group's body: whether each input is read.
        self._reads: dict[int, tuple[bool, ...]] = {}
        # Groups that do not count, of the definition that is looked at.
        self._apart: list[Body] = []
        self._read = 0
        # By the identity of the first body of a group that is called again: which of the values
        # that it makes are read of some call of it, by their places.
        self._shared: dict[int, set[int]] = {}
        self._has_further_calls = False
        # All of them, each after those that it uses.
        self.definitions = tuple(definitions(*roots))
        for definition in self.definitions:
            self._definition(definition)
        # The identities of further calls before which no call of their module counts.
        self._firsts: set[int] = set()
        if self._has_further_calls:
            for definition in self.definitions:
                self._first_calls(definition.body)

    # --- questions -------------------------------------------------------------------------------

    def is_read(self, step: Counted) -> bool:
        """Whether anything reads what a step makes. A group's is read if what is kept in it is.

        Of a residual this is its sum and of a fork its join: their parts are steps themselves.
        """
        return id(step) not in self._unread

    def counts(self, step: Step) -> bool:
        """Whether anything of a step is read: its result, or what is kept in it."""
        match step:
            case Residual():
                parts: tuple[Step, ...] = (*step.main.steps, *modules(step))
            case Fork():
                parts = modules(step)
            case Keep():
                return False
            case _:
                parts = ()
        return self.is_read(step) or any(map(self.counts, parts))

    def calls(self, step: Step) -> bool:
        """Whether it counts for more than that it hands on what it is fed."""
        match step:
            case Residual():
                parts: tuple[Step, ...] = (*step.main.steps, *modules(step))
            case Fork():
                parts = modules(step)
            case Apply() if _is_idle(step):
                return False
            case Keep():
                return False
            case _:
                parts = ()
        return self.is_read(step) or any(map(self.calls, parts))

    def is_result_read(self, body: Body) -> bool:
        """Whether what the body of a group ends with is read, and not only what is kept in it."""
        return id(body) not in self._unread_bodies

    def is_again(self, apply: Apply) -> bool:
        """Whether it calls a module that was called before, by a call that counts."""
        return apply.is_again and id(apply) not in self._firsts

    def skipped(self, apply: Apply, run: Run) -> int:
        """How many of the first copies of a run do not count: the next reads nothing of theirs."""
        return self._skipped.get(id(run), 0) if self.is_read(apply) else run.count

    def reads(self, definition: Definition) -> tuple[bool, ...]:
        """Of each input, whether the result of a definition is made of it."""
        return self._reads[id(definition)]

    def reads_input(self, run: Run) -> bool:
        """Whether a copy's result is made of what it is fed as the current tensor."""
        match run.unit:
            case Instance(definition):
                reads = zip(run.given, self._reads[id(definition)], strict=False)
                return any(is_read for ref, is_read in reads if ref == run.input)
            case Group(body):
                # An empty one is what it is fed.
                return body.is_idle or self._reads[id(body)][0]
            case _:
                return True

    def takes(self, apply: Apply) -> tuple[Ref, ...]:
        """What of that which a module is fed its result is made of: `main` and what its tensor
        parameters are given, too."""
        current = (apply.input,) if any(map(self.reads_input, apply.runs)) else ()
        found = dict.fromkeys(current)
        for run in apply.runs:
            if isinstance(run.unit, Instance):
                fed = zip(apply.fed(run)[1:], self._reads[id(run.unit.definition)][1:], strict=True)
                found.update((ref, None) for ref, is_read in fed if is_read and ref != run.input)
        return tuple(found)

    # --- answers ---------------------------------------------------------------------------------

    def _first_calls(self, body: Body) -> None:
        stack = [body]
        while stack:
            called: set[str] = set()
            for apply in calls(stack.pop()):
                stack += bodies(apply)
                if self.is_read(apply):
                    if apply.is_again and apply.key not in called:
                        self._firsts.add(id(apply))
                    called.add(apply.key)

    def _definition(self, definition: Definition) -> None:
        self._shared = {}
        wanted, known = self._walked(definition), 0
        while (shared := sum(map(len, self._shared.values()))) > known:
            # What is read of one call is made by each, and may read more of other modules.
            known, wanted = shared, self._walked(definition)
        self._reads[id(definition)] = tuple(ref in wanted for ref in definition.inputs)
        # The outermost first: what stands in a group may count in it or not.
        while self._apart:
            body = self._apart.pop()
            self._group(body, {body.output})

    def _walked(self, definition: Definition) -> set[Ref]:
        """What is read of a definition's values, those that it is fed included."""
        self._apart, wanted = [], set(definition.outputs)
        self._body(definition.body, wanted)
        return wanted

    def _body(self, body: Body, wanted: set[Ref]) -> None:
        """From the end to the beginning. `wanted`: what is read behind it; of that, what it does
        not make itself, and what it reads, is left."""
        for step in reversed(body.steps):
            match step:
                case Apply():
                    self._apply(step, wanted)
                case Residual():
                    if self._counts(step, step.output in wanted):
                        wanted.update(operands(step))
                    if step.shortcut is not None:
                        self._apply(step.shortcut, wanted)
                    self._body(step.main, wanted)
                case Fork():
                    is_read = self._counts(step, step.output in wanted)
                    joined = replicated(step.join) if is_read else frozenset[str]()
                    wanted.update(operands(step) if is_read else ())
                    for branch in reversed(step.branches):
                        if branch.replicated:
                            self._side_by_side(branch.apply, branch.label in joined, wanted)
                        else:
                            self._apply(branch.apply, wanted)
                case Join():
                    if self._counts(step, step.output in wanted):
                        wanted.update(operands(step))

    def _counts(self, step: Counted, is_read: bool) -> bool:
        self._read += is_read
        self._mark(step, is_read)
        return is_read

    def _mark(self, step: Counted, is_read: bool) -> None:
        if is_read:
            self._unread.discard(id(step))
        else:
            self._unread.add(id(step))

    def _apply(self, apply: Apply, wanted: set[Ref]) -> None:
        self._has_further_calls |= apply.is_again
        if _is_idle(apply):
            self._mark(apply, apply.output in wanted)
        elif apply.repeated:
            self._in_a_row(apply, wanted)
        elif isinstance(apply.unit, Group):
            self._once(apply, apply.unit, wanted)
        elif self._counts(apply, not wanted.isdisjoint((apply.output, *apply.others))):
            self._feed(apply, apply.runs[0], wanted)

    def _once(self, apply: Apply, group: Group, wanted: set[Ref]) -> None:
        """A group's values can be read outside: it counts where a step in it does."""
        before, around = self._read, len(self._apart)
        self._share(group, wanted)
        self._group(group.body, wanted)
        if not self._counts(apply, self._read > before):
            del self._apart[around:]
            self._apart.append(group.body)

    def _share(self, group: Group, wanted: set[Ref]) -> None:
        """One module does the work of all its calls: what is read of one is made by each."""
        first = group.body if group.first is None else group.first
        if group.first is None and id(first) not in self._shared:
            return
        values = list(all_made(group.body))
        read = {n for n, ref in enumerate(values) if ref in wanted}
        if read:  # else there is no such call
            shared = self._shared.setdefault(id(first), set())
            shared |= read
            wanted.update(values[n] for n in shared)

    def _group(self, body: Body, wanted: set[Ref]) -> None:
        is_read, around = body.output in wanted, body.input in wanted
        if is_read:
            self._unread_bodies.discard(id(body))
        else:
            self._unread_bodies.add(id(body))
        # What the group itself reads of what it is fed.
        wanted.discard(body.input)
        wanted.update((body.output,) if is_read else ())
        self._body(body, wanted)
        self._reads[id(body)] = (body.input in wanted,)
        if around:
            wanted.add(body.input)

    def _in_a_row(self, apply: Apply, wanted: set[Ref]) -> None:
        """Copies, of which nothing but the last one's result can be read outside."""
        is_read = self._counts(apply, apply.output in wanted)
        for run in reversed(apply.runs):
            inside: set[Ref] = set()
            self._copy(apply, run, inside)
            skipped = 0
            if not is_read:
                skipped = run.count
            else:
                wanted |= inside
                if not self.reads_input(run):
                    skipped, is_read = run.count - 1, False
            self._skipped[id(run)] = skipped
        if is_read:
            wanted.add(apply.input)

    def _side_by_side(self, apply: Apply, is_read: bool, wanted: set[Ref]) -> None:
        """A join that reads a replicated branch reads all its copies."""
        self._counts(apply, is_read)
        for run in apply.runs:
            inside: set[Ref] = set()
            self._copy(apply, run, inside)
            if is_read:
                wanted |= inside
                if self.reads_input(run):
                    wanted.add(apply.input)

    def _copy(self, apply: Apply, run: Run, inside: set[Ref]) -> None:
        """Adds to `inside` what one copy reads besides the current tensor."""
        if isinstance(run.unit, Group):
            # Taken by itself: whether the copies count is not decided in there.
            before = self._read
            inside.add(run.unit.body.output)
            self._group(run.unit.body, inside)
            self._read = before
        else:
            self._feed(apply, run, inside)
        inside.discard(run.input)

    def _feed(self, apply: Apply, run: Run, wanted: set[Ref]) -> None:
        """Adds what an operator or instance is made of."""
        fed = apply.fed(run)
        if isinstance(run.unit, Instance):
            reads = self._reads[id(run.unit.definition)]
            fed = tuple(ref for ref, is_read in zip(fed, reads, strict=True) if is_read)
        wanted.update(fed)


def _is_idle(apply: Apply) -> bool:
    """`x 0`, or an empty group: another word for what it is fed."""
    for run in apply.runs:
        if not isinstance(run.unit, Group) or not run.unit.body.is_idle:
            return False
    return True
