"""The formats that targets are imported from, and how a source is read: a file, or what a command prints."""

import shlex
import subprocess
from pathlib import Path
from typing import Final, Literal, get_args

from itops.errors import UsageError
from itops.targets.importers.ansible_ini import read_ini
from itops.targets.importers.ansible_yaml import read_json, read_yaml
from itops.targets.importers.aws_profiles import read_aws
from itops.targets.importers.csv_hosts import read_csv
from itops.targets.importers.found import Found
from itops.targets.importers.ssh_config import read_ssh

Format = Literal["ansible", "ssh", "aws", "csv"]
FORMATS: Final[tuple[str, ...]] = get_args(Format)
_SECONDS: Final = 120
_LARGEST: Final = 64 * 1024 * 1024


def read_file(file: Path, form: Format) -> Found:
    """What a file of this format holds.

    Raises:
        UsageError: it can't be read, or is off. Nothing was imported.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise _refused(f"{file} is larger than {_LARGEST // 1024 // 1024} MB")
        text = file.read_bytes().decode()
    except OSError as error:
        raise _refused(f"{file} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _refused(f"{file} is not UTF-8") from error
    if text.startswith("$ANSIBLE_VAULT"):
        raise _refused(f"{file} is encrypted", "Decrypt it first, or use --command 'ansible-inventory --list'.")
    if form == "ansible":
        return _ansible(text, file)
    readers = {"aws": read_aws, "csv": read_csv}
    return readers[form](text, str(file)) if form in readers else read_ssh(text, str(file), file.parent)


def read_command(command: str) -> Found:
    """What a command prints in the form of ``ansible-inventory --list``; no shell reads it.

    Raises:
        UsageError: it can't be run, fails, takes too long, or prints something else. Nothing was imported.
    """
    try:
        argv = shlex.split(command)
        done = subprocess.run(argv, capture_output=True, timeout=_SECONDS, check=False)
        text = done.stdout.decode()
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
        raise _refused(f"The command {command!r} can't be used: {error}") from error
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        raise _refused(f"The command {command!r} ended with {done.returncode}: {told[-1] if told else 'no word'}")
    return read_json(text, command)


def _ansible(text: str, file: Path) -> Found:
    if file.suffix == ".json" or text.lstrip().startswith("{"):
        return read_json(text, str(file))
    return read_yaml(text, str(file)) if file.suffix in {".yml", ".yaml"} else read_ini(text, str(file))


def _refused(fault: str, mend: str = "") -> UsageError:
    return UsageError(f"{fault}.", world="Nothing was imported.", mend=mend)
