"""BLAKE2b, which all keys and states are made with, straight from where `hashlib` has it.

`hashlib` loads OpenSSL as well: 4 ms of each start, of which the answer from the cache takes some 150.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # a Python that was built to have OpenSSL's alone
    from hashlib import blake2b

__all__ = ["blake2b"]
