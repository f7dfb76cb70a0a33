"""An environment of its own with a copy of one package, whose `__init__.py` may be written to."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from installed import find, site_packages
from ways import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The environment's interpreter, and the package's file that changes."""

    python: Path
    file: Path

    def touch(self) -> None:
        """Change the file, and nothing that it says."""
        with self.file.open("a", encoding="utf-8") as file:
            file.write("# changed\n")


def edited(package: str, python: Path, folder: Path) -> Edited | Refused:
    """Make it in `folder`: what `package` needs is found where `python` has it, by way of a `.pth` file."""
    subprocess.run([str(python), "-m", "venv", "--without-pip", str(folder)], check=True)
    own = folder / "bin" / "python"
    (site,) = site_packages(own)
    for source in site_packages(python):
        (site / f"{source.parent.name}.pth").write_text(f"{source}\n", encoding="utf-8")
    copy(package, python, site)
    file = site / package / "__init__.py"
    return Edited(python=own, file=file) if file.is_file() else Refused(f"no file {package}/__init__.py")


def copy(package: str, python: Path, site: Path) -> None:
    """Copy every file of the distribution but its programs, with its times, so that the byte code stays valid."""
    for file in find(package, python).files or ():
        source, target = Path(str(file.locate())), site / file
        if ".." not in file.parts and source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
