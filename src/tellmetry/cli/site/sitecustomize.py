"""On PYTHONPATH under `tellmetry run`: arms where the `.pth` line does not, then runs the sitecustomize it hides."""
# ruff: noqa: INP001 - a directory of its own, since Python takes the first sitecustomize on its path

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _arm() -> None:
    if "tellmetry.boot" in sys.modules or os.environ.get("TELLMETRY", "") in ("", "off", "0", "false"):
        return
    try:
        from tellmetry import boot
    except ModuleNotFoundError:
        said = f"not installed for {sys.executable}, nothing is recorded there; install it in that environment."
        print(f"tellmetry: {said}", file=sys.stderr)  # noqa: T201
        return
    boot.boot()


def _make_way() -> None:
    """Run the sitecustomize that would have run without us."""
    import importlib.machinery
    import importlib.util

    path = [place for place in sys.path if os.path.abspath(place) != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_arm()
_make_way()
