"""What the engine's tests share: recording in this process, and the toy client beside them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
