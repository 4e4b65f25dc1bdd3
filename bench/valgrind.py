"""Start callgrind's counting from inside the program, so that imports and warm-up run uncounted and ten times faster.

Valgrind is asked by a sequence of instructions that does nothing on a bare processor; it is written to memory here,
since Python has no such instruction. Elsewhere than on x86-64 everything is counted from the beginning.
"""

from __future__ import annotations

import ctypes
import mmap
import platform

CAN_START = platform.machine() in ("x86_64", "AMD64")
_START_INSTRUMENTATION = ord("C") << 24 | ord("T") << 16 | 4
_ASK = bytes.fromhex(
    "4889f8"  # mov rax, rdi: the request's address
    "31d2"  # xor edx, edx: the answer on a bare processor
    "48c1c703 48c1c70d 48c1c73d 48c1c733"  # rol rdi by 3, 13, 61 and 51: valgrind's preamble
    "4887db"  # xchg rbx, rbx: the client request
    "4889d0 c3"  # mov rax, rdx; ret
)


def start_counting() -> None:
    """Count this process's instructions from now on."""
    if not CAN_START:
        return
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(_ASK)
    request = (ctypes.c_uint64 * 6)(_START_INSTRUMENTATION)
    at = ctypes.addressof(ctypes.c_char.from_buffer(page))
    ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)(at)(ctypes.addressof(request))
