"""The system calls that Python has no function for: namespaces, mounts, capabilities, the seccomp filter.

Belongs here: thin calls into libc, each raising OSError with the name of what was refused. Does not belong here:
the order in which a program is confined (`supervisor.py`).
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

# PyDLL keeps the interpreter's lock during the call: a raw clone must not be overtaken by another thread.
_LIBC = ctypes.PyDLL(None, use_errno=True)

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
_SIGCHLD = 17
_ALL_NEW_NAMESPACES = 0x7E020080  # user, pid, net, uts, ipc, cgroup, mount, time

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 0x4000, 1 << 18

_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_SET_SECCOMP = 4, 24, 38, 47, 22
_LAST_CAPABILITY = 63

# audit architecture, number of clone, clone3, socket, and of every call a program has no business with.
_ARCHITECTURES: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            "clone": 56, "clone3": 435, "socket": 41, "socketpair": 53,
            "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "pidfd_getfd": 438,
            "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308,
            "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
            "mount_setattr": 442, "add_key": 248, "request_key": 249, "keyctl": 250, "bpf": 321,
            "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426,
            "io_uring_register": 427, "shmget": 29, "memfd_create": 319, "memfd_secret": 447, "msgget": 68,
            "semget": 64, "mq_open": 240, "swapon": 167, "swapoff": 168, "reboot": 169, "init_module": 175,
            "finit_module": 313, "delete_module": 176, "kexec_load": 246, "kexec_file_load": 320, "acct": 163,
            "quotactl": 179, "syslog": 103, "settimeofday": 164, "clock_settime": 227, "adjtimex": 159,
            "name_to_handle_at": 303, "open_by_handle_at": 304, "fanotify_init": 300, "inotify_init1": 294,
            "personality": 135, "vhangup": 153, "iopl": 172, "ioperm": 173, "modify_ldt": 154,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "clone": 220, "clone3": 435, "socket": 198, "socketpair": 199,
            "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "pidfd_getfd": 438,
            "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268,
            "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
            "mount_setattr": 442, "add_key": 217, "request_key": 218, "keyctl": 219, "bpf": 280,
            "perf_event_open": 241, "userfaultfd": 282, "io_uring_setup": 425, "io_uring_enter": 426,
            "io_uring_register": 427, "shmget": 194, "memfd_create": 279, "memfd_secret": 447, "msgget": 186,
            "semget": 190, "mq_open": 180, "swapon": 224, "swapoff": 225, "reboot": 142, "init_module": 105,
            "finit_module": 273, "delete_module": 106, "kexec_load": 104, "kexec_file_load": 294, "acct": 89,
            "quotactl": 60, "syslog": 116, "settimeofday": 170, "clock_settime": 112, "adjtimex": 171,
            "name_to_handle_at": 264, "open_by_handle_at": 265, "fanotify_init": 262, "inotify_init1": 26,
            "personality": 92, "vhangup": 58,
        },
    ),
}  # fmt: skip


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def clone_into_namespaces() -> int:
    """Fork a child that is process 1 of new pid and mount namespaces; returns 0 in it, its pid here.

    System V and POSIX message queues, semaphores and shared memory need no namespace: the filter refuses them.
    """
    _, calls = _ARCHITECTURES[platform.machine()]
    flags = CLONE_NEWPID | CLONE_NEWNS | _SIGCHLD
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = _LIBC.syscall(ctypes.c_long(calls["clone"]), ctypes.c_ulong(flags), None, None, None, None)
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    number = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    ctypes.set_errno(number)
    return _check(pid, "new namespaces")


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """mount(2)."""

    def raw(text: str | None) -> bytes | None:
        return None if text is None else text.encode()

    _check(_LIBC.mount(raw(source), raw(target), raw(kind), ctypes.c_ulong(flags), raw(options)), f"mounting {target}")


def prctl(option: int, first: int = 0, second: int = 0) -> int:
    """prctl(2) with numbers for arguments; the result may be negative."""
    return _LIBC.prctl(option, ctypes.c_ulong(first), ctypes.c_ulong(second), ctypes.c_ulong(0), ctypes.c_ulong(0))


def set_dumpable(dumpable: bool) -> None:
    """Whether others of the same user may look into this process."""
    _check(prctl(_PR_SET_DUMPABLE, int(dumpable)), "prctl(PR_SET_DUMPABLE)")


def drop_bounding_set() -> None:
    """No program started from here can gain a capability; needs CAP_SETPCAP."""
    for capability in range(_LAST_CAPABILITY + 1):
        if prctl(_PR_CAPBSET_DROP, capability) < 0 and ctypes.get_errno() != 22:  # EINVAL: past the last one
            _check(-1, "dropping the bounding set")


def drop_capabilities() -> None:
    """Give up every capability for good, the ambient ones too."""
    prctl(_PR_CAP_AMBIENT, 4)
    header = struct.pack("=II", 0x20080522, 0)
    _check(_LIBC.capset(header, struct.pack("=6I", *[0] * 6)), "dropping capabilities")


def forbid_system_calls() -> None:
    """Install the seccomp filter: listed calls fail with EPERM, clone3 with ENOSYS, foreign sockets too.

    libc then falls back from clone3 to clone, whose flags a filter can read. Only UNIX and Internet sockets
    are left: other families (vsock among them) are not bound to the network namespace everywhere.
    """
    architecture, calls = _ARCHITECTURES[platform.machine()]
    load, jump_equal, jump_bits, jump_at_least, give = 0x20, 0x15, 0x45, 0x35, 0x06
    allow, refuse, unknown, kill = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000

    code: list[tuple[int, int, int, int]] = [
        (load, 0, 0, 4),
        (jump_equal, 1, 0, architecture),
        (give, 0, 0, kill),
        (load, 0, 0, 0),
        (jump_at_least, 0, 1, 0x40000000),  # the x32 calls of x86_64 bear other numbers
        (give, 0, 0, refuse),
    ]
    for name, call in calls.items():
        if name in ("clone", "socket", "socketpair"):
            continue
        code += [(jump_equal, 0, 1, call), (give, 0, 0, unknown if name == "clone3" else refuse)]
    code += [
        (jump_equal, 0, 3, calls["clone"]),
        (load, 0, 0, 16),
        (jump_bits, 0, 1, _ALL_NEW_NAMESPACES & ~0x80),  # 0x80 (time) is the signal's byte in clone
        (give, 0, 0, refuse),
        (load, 0, 0, 0),
    ]
    for name in ("socket", "socketpair"):
        code += [
            (jump_equal, 0, 5, calls[name]),
            (load, 0, 0, 16),
            (jump_equal, 3, 0, 1),
            (jump_equal, 2, 0, 2),
            (jump_equal, 1, 0, 10),
            (give, 0, 0, refuse),
            (load, 0, 0, 0),
        ]
    code.append((give, 0, 0, allow))
    instructions = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    program = Program(len(code), ctypes.cast(instructions, ctypes.c_void_p))
    _check(prctl(_PR_SET_NO_NEW_PRIVS, 1), "prctl(PR_SET_NO_NEW_PRIVS)")
    _check(
        _LIBC.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(program), ctypes.c_ulong(0), ctypes.c_ulong(0)),
        "seccomp",
    )
