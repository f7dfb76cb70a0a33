"""The commands: parse, call, print, exit.

Their files have no `from __future__ import annotations`: typer would compile every annotation again at each start.
"""
