"""The kernel's reporter: what the tree tried and was refused, also by C code (seccomp_unotify(2))."""

from __future__ import annotations

import errno
import fcntl

from . import kernel, semaphores
from .attempts import FORKS, SIGNALS, Call, attempt
from .confine import CHANGES, OPENS
from .observe import NO_EFFECT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .warden import Warden

SIZE_OF_NOTIFICATION = 80
# any look-up of a user by the C library asks for it; the module has no say in that
NAME_SERVICE_CACHE = "/var/run/nscd/socket"
FOR_LANDLOCK = {*CHANGES, *(name for name, _ in OPENS)}


class Listener:
    """Answers the calls that the filter holds back.

    Changes of files it lets through to Landlock, which alone decides.
    """

    def __init__(self, descriptor: int, scratch: str, warden: Warden) -> None:
        self.descriptor = descriptor
        self._scratch = scratch
        self._warden = warden

    def serve(self) -> None:
        """Answer one waiting call."""
        data = bytearray(SIZE_OF_NOTIFICATION)
        if not self._exchange(kernel.NOTIFY_RECEIVE, data):
            return
        ident, thread, name, arguments = kernel.notification(data)
        call = Call(ident, thread, name or "?", arguments)
        if not self._make_semaphore(call):
            may = self._may(call)
            if not may or call.name in FOR_LANDLOCK:  # told before it is answered: the caller's next words come later
                self._tell(call)
            self._reply(ident, 0 if may else errno.EPERM)

    def _reply(self, ident: int, error: int, value: int | None = None) -> None:
        self._exchange(kernel.NOTIFY_SEND, bytearray(kernel.notification_reply(ident, error, value)))

    def _exchange(self, request: int, data: bytearray) -> bool:
        """One `ioctl`; False if the caller was killed in the meantime."""
        try:
            fcntl.ioctl(self.descriptor, request, data, True)
        except OSError as gone:
            if gone.errno in (errno.ENOENT, errno.EINTR):
                return False
            raise
        return True

    def _make_semaphore(self, call: Call) -> bool:
        """Whether the call was one of those of a named semaphore, which are answered here."""
        names = semaphores.names(call)
        folder = self._warden.semaphores_of(call.process) if names else None
        if names is None or folder is None:
            return False
        value, error = semaphores.answer(self.descriptor, call, names, folder)
        if error in (errno.EINVAL, errno.ENOTTY):  # the kernel cannot hand over descriptors: before Linux 5.9
            return False
        self._warden.refused(call.process, "semaphore", "", contained=True)
        self._reply(call.ident, error, value)
        return True

    def _may(self, call: Call) -> bool:
        if call.name in FORKS:
            return self._warden.allow_fork(call.process)
        if call.name == "execve":
            return self._warden.allow_exec(call.process)
        if call.name in SIGNALS and call.name != "tkill":
            return call.arguments[0] == call.process
        return call.name in FOR_LANDLOCK

    def _tell(self, call: Call) -> None:
        kind, target, contained = attempt(call, self._scratch)
        allowed = call.name in FOR_LANDLOCK and (contained or target in NO_EFFECT)
        if not allowed and target != NAME_SERVICE_CACHE:
            self._warden.refused(call.process, kind, target, contained=contained)
