"""Measure what tellmetry costs beside its peers, keep it as JSON and render the tables.

    python -m bench                       everything, and the table; 35 minutes on two quiet cores
    python -m bench PART ...              only these parts
    python -m bench PART --peers a,b      only for these peers
    python -m bench table                 only render the README's block from the committed summary

Parts: instructions (valgrind; 2 minutes a peer) ratio startup leaving memory loop collector (real servers).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from bench import environments, results, table
from bench.peers import BY_NAME, PEERS

OURS = "tellmetry"


def instructions(names: list[str]) -> None:
    """Instructions a call and a chunk, by callgrind."""
    from bench import instructions as part

    part.need_valgrind()
    _each("instructions", names, lambda name: part.measure(BY_NAME[name]))


def ratio(names: list[str]) -> None:
    """CPU time of the app's thread, as ratios in interleaved rounds."""
    from bench import ratio as part

    for name, told in part.measure([name for name in names if name != "plain"]).items():
        _save("ratio", name, told)


def startup(names: list[str]) -> None:
    """Wall, CPU, memory and modules: off, idle, first call."""
    from bench import startup as part

    for name, told in part.measure([name for name in names if BY_NAME[name].start or name in ("plain", OURS)]).items():
        _save("startup", name, {**told, **({"pth_line_us": part.pth_line_us()} if name == OURS else {})})


def leaving(names: list[str]) -> None:
    """Exit with a dead Collector, and spans lost."""
    from bench import leaving as part

    kept = [name for name in names if BY_NAME[name].start or name in ("plain", OURS)]
    _each("leaving", kept, lambda name: part.measure(BY_NAME[name]))


def memory(names: list[str]) -> None:
    """Memory after 100,000 calls."""
    _save("memory", OURS, _program("bench.flat"))


def loop(names: list[str]) -> None:
    """How long 1,000 asyncio streams stand still."""
    for name, who in ((OURS, "ours"), ("plain", "plain")):
        _save("loop", name, _program("bench.loop", who))


def collector(names: list[str]) -> None:
    """What the Collector takes, and where it stops; needs the real servers, which are built once."""
    program = "import json; from bench import collector; print(json.dumps(collector.measure()))"
    _save("collector", OURS, _run(["-c", program], path=f"{environments.ROOT}:{environments.ROOT / 'src'}"))


PARTS: dict[str, Callable[[list[str]], None]] = {
    part.__name__: part for part in (instructions, ratio, startup, leaving, memory, loop, collector)
}


def _each(part: str, names: list[str], measure: Callable[[str], dict[str, Any]]) -> None:
    """Measure peer by peer; one that cannot be installed or does not run is said, not left out in silence."""
    for name in names:
        try:
            _save(part, name, measure(name))
        except (environments.Unavailable, RuntimeError, subprocess.TimeoutExpired) as error:
            print(f"{part} {name}: not measured: {str(error).strip()[-400:]}", flush=True)


def _save(part: str, name: str, figures: dict[str, Any]) -> None:
    results.save(part, name, figures, environments.versions(environments.python(BY_NAME[name])))
    results.summarize()
    print(f"{part} {name}: {json.dumps(figures)}", flush=True)


def _program(module: str, *arguments: str) -> dict[str, Any]:
    return _run(["-m", module, *arguments], path=str(environments.ROOT))


def _run(arguments: list[str], path: str) -> dict[str, Any]:
    import os

    env = {**os.environ, "TELLMETRY": "off", "PYTHONPATH": path}
    command = [environments.python(BY_NAME[OURS]), *arguments]
    done = subprocess.run(command, cwd=environments.ROOT, env=env, capture_output=True, text=True, timeout=1800)
    if done.returncode:
        sys.exit(f"bench: {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure what is asked for, then render."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS, "table"], metavar="PART")
    parser.add_argument("--peers", default=",".join(peer.name for peer in PEERS))
    asked = parser.parse_args()
    names = [name for name in asked.peers.split(",") if name in BY_NAME]
    for part in asked.parts or PARTS:
        if part != "table":
            PARTS[part](names)
    table.write()
    print(table.block())


if __name__ == "__main__":
    main()
