"""The supervisor's end of its two pipes to the host: JSON lines in, JSON lines out."""

import json
import os
import sys

CHUNK = 1 << 16


class Host:
    """The tool that started us. It has gone when its pipe ends."""

    def __init__(self):
        self.descriptor = sys.stdin.fileno()
        self.gone = False
        self._buffer = b""

    def hear(self):
        """The lines that have come so far, after one more read; it blocks where nothing has come."""
        data = os.read(self.descriptor, CHUNK)
        self.gone = self.gone or not data
        self._buffer += data
        return self.lines()

    def lines(self):
        """The lines that have come so far, as values."""
        *whole, self._buffer = self._buffer.split(b"\n")
        return [json.loads(line) for line in whole]

    def settings(self):
        """What the host says first. Raises SystemExit if it goes without a word."""
        while b"\n" not in self._buffer:
            data = os.read(self.descriptor, CHUNK)
            if not data:
                raise SystemExit(1)
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def tell(self, event):
        """One line to the host."""
        sys.stdout.buffer.write(json.dumps(event, separators=(",", ":")).encode("ascii") + b"\n")
        sys.stdout.buffer.flush()
