"""Small figures in a block's box, of what its rows cannot tell: without norms and activations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from resdsl.drawing.column.block_content import Piece
from resdsl.drawing.column.branch_pieces import inset
from resdsl.drawing.column.sources import Called
from resdsl.drawing.fragments.arrangement import laid_out
from resdsl.drawing.fragments.ends import beside
from resdsl.drawing.trees.flow import Flow
from resdsl.drawing.trees.heads import with_heads
from resdsl.drawing.trees.series import Chain, Item, Leaf, Mesh, Parallel, tree
from resdsl.drawing.trees.ways import Given


def figure(chain: Chain) -> Piece:
    return inset(laid_out(chain), tuple(signs_in(chain)))


def signs_in(chain: Chain) -> Iterator[str]:
    for item in chain.items:
        match item:
            case Parallel(columns, sign):
                yield sign.text
            case Mesh(by_number, signs):
                yield from (sign.text for sign in signs.values())
                columns = tuple(by_number.values())
            case _:
                columns = ()
        for column in columns:
            yield from signs_in(column)


def named_figure(flow: Flow, results: Given, names: Called) -> Piece:
    """Of a block of several tensors, which have the names that they have around it.

    Raises TangledError and UnclearError.
    """
    nodes = tuple(
        replace(node, text=names.inputs[node.text], tip="") if node.kind == "entry" else node
        for node in flow.nodes
    )
    is_led = nodes == flow.nodes
    flow = replace(flow, nodes=nodes)
    outputs = {
        number: tuple(names.results[name] for name in told)
        for number, told in results.outputs.items()
    }
    flows = with_heads(flow, Given(outputs, {}, {})) if outputs else [flow]
    chains = [bare(tree(one)) for one in flows]
    signs = [sign for chain in chains for sign in signs_in(chain)]
    fragment = beside(tuple(map(laid_out, chains)))
    return inset(fragment, signs, is_led=is_led, is_left=not outputs)


def weighty(item: Item) -> Item:
    """Without norms and what is not listed, but gates."""
    match item:
        case Mesh(columns, signs):
            return Mesh({n: bare(column) for n, column in columns.items()}, signs)
        case Parallel(columns, sign):
            return Parallel(tuple(map(bare, columns)), sign)
        case _:
            return item


def bare(chain: Chain) -> Chain:
    """Without norms and what is not listed, but what leads to where tensors part."""
    is_quiet = [
        isinstance(item, Leaf)
        and item.node.is_box
        and not item.node.row
        and item.node.look != "gate"
        for item in chain.items
    ]
    # It belongs to no row above, and tells what goes around.
    first = is_quiet.index(False) if False in is_quiet else 0
    if first and isinstance(chain.items[first], Leaf):
        first = 0
    kept = [item for n, item in enumerate(chain.items) if n < first or not is_quiet[n]]
    return Chain(tuple(map(weighty, kept)))
