"""Observer libcst: what griffe does not see.

`__all__` in all its forms, re-exports, the branches of a module `__getattr__` (PEP 562), conditions, deletions.
"""
