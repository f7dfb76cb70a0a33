"""The commands: parse, call, print, exit.

Those with options have no `from __future__ import annotations`: typer would compile each annotation at every start.
"""
