"""Where the frozen program begins: before anything is imported that takes time.

The one-file program is two processes. The first one (PyInstaller's bootloader) unpacks, starts the second one, which
is this, hands signals on to it and removes what it unpacked. When it is killed it can do none of that.
"""

import atexit
import multiprocessing
import os
import shutil
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
"""Of prctl(2): the signal that this process gets when its parent dies."""


def main() -> None:
    """The command line of the appliance, or what a process that it starts beside itself is to do."""
    multiprocessing.freeze_support()  # the latter ends here
    unpacked = Path(getattr(sys, "_MEIPASS", ""))
    if unpacked.name.startswith("_MEI") and sys.platform == "linux":
        _end_with_the_bootloader(unpacked)
    from vibevariant.cli import main as command_line

    command_line(prog_name="vibevariant")


def _end_with_the_bootloader(unpacked: Path) -> None:
    """Stops cleanly when the bootloader is killed: else an orphan would go on to hold the port and the database."""
    import ctypes

    parent = os.getppid()
    # Until the server takes the signal over, it ends what is under way and lets it clean up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    atexit.register(_tidy_up, unpacked, parent)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent or not _is_bootloader(parent):  # it was killed before it could be watched
        shutil.rmtree(unpacked, ignore_errors=True)
        sys.exit(128 + signal.SIGTERM)
    # Ctrl-C reaches the whole process group of a terminal, and the bootloader hands it on besides: twice, where the
    # second one means "do not wait for requests under way". In a group of its own, this process hears it once.
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # and may still write to the terminal


def _is_bootloader(process: int) -> bool:
    """Whether it is, as far as one may look: in the same process group, and running the same file."""
    try:
        if os.getpgid(process) != os.getpgid(0):
            return False
        return Path(f"/proc/{process}/exe").samefile("/proc/self/exe")
    except OSError:
        return True


def _tidy_up(unpacked: Path, parent: int) -> None:
    """Does the bootloader's last duty when it is gone."""
    if os.getppid() != parent:
        shutil.rmtree(unpacked, ignore_errors=True)


if __name__ == "__main__":
    main()
