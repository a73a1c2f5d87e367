"""What a process that reads untrusted files gives up: time, memory, disk, network, programs."""

from __future__ import annotations

import ctypes
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_NO_NEW_RIGHTS = 38  # PR_SET_NO_NEW_PRIVS
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_NETWORK = ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo")
_PROGRAMS = ("subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system")


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one task: seconds of CPU and of clock, bytes of memory, of a file, of an answer.

    `tired` is what a process may hold between tasks, in bytes: what was taken is not given back.
    """

    cpu: int = 20
    clock: int = 90
    memory: int = 2 * 2**30
    file: int = 96 * 2**20
    answer: int = 96 * 2**20
    tired: int = 600 * 2**20
    programs: bool = False


def enter(limits: Limits) -> None:
    """Give it all up, for good. What a kernel does not offer is left as it is."""
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        libc.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0)
        if libc.unshare(_NEW_NET) != 0:  # needs root, or a user namespace
            libc.unshare(_NEW_USER | _NEW_NET)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, limits.memory)
    _limit(resource.RLIMIT_FSIZE, limits.file)
    _limit(resource.RLIMIT_NOFILE, 256)
    banned = frozenset(_NETWORK if limits.programs else _NETWORK + _PROGRAMS)
    sys.addaudithook(lambda event, _arguments: _refuse(event, banned))


def _refuse(event: str, banned: frozenset[str]) -> None:
    if event in banned:
        raise PermissionError(f"{event} is not for a process that reads untrusted files")


def grant_cpu(seconds: int) -> None:
    """From now on so many seconds of CPU; then the process is killed."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def resident() -> int:
    """The memory this process holds, in bytes; 0 where the system does not say."""
    try:
        # The peak of getrusage will not do: it starts with that of the parent.
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def _limit(what: int, value: int) -> None:
    with suppress(OSError, ValueError):
        resource.setrlimit(what, (value, value))
