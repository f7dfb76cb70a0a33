"""So many imports run at the same time, and a tree is gone through branch by branch."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from sandbox.node import Node
from sandbox.turns import Turns


@pytest.fixture
def nodes() -> Iterator[list[Node]]:
    """Three processes of the tree, with channels that are open."""
    pairs = [socket.socketpair() for _ in range(3)]
    yield [Node(ours, None, "") for ours, _ in pairs]
    for ours, theirs in pairs:
        ours.close()
        theirs.close()


def test_who_has_asked_last_for_a_child_has_it_first(nodes: list[Node]) -> None:
    turns = Turns(1)
    for node in nodes:
        turns.wait_to_fork(node)
    assert [turns.next(), turns.next(), turns.next(), turns.next()] == [*((node, True) for node in nodes[::-1]), None]


def test_who_has_begun_goes_first(nodes: list[Node]) -> None:
    turns = Turns(1)
    turns.wait_to_resume(nodes[0])
    turns.wait_to_fork(nodes[1])
    assert turns.next() == (nodes[0], False)


def test_there_are_so_many_turns_and_no_more(nodes: list[Node]) -> None:
    turns = Turns(1)
    turns.begin(nodes[0])
    turns.wait_to_fork(nodes[1])
    assert turns.next() is None
    turns.end(nodes[0])
    assert turns.next() == (nodes[1], True)


def test_who_has_ended_has_no_turn(nodes: list[Node]) -> None:
    turns = Turns(1)
    turns.wait_to_fork(nodes[0])
    nodes[0].sock.close()
    assert turns.next() is None
