"""`sample` and `schema` write files people can use at once."""

import gzip
import json
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from shared.exports.rules import RULES
from tests.support.command_runner import CommandRunner


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson", "a.json.gz", "A.JSONL.GZ"])
def test_a_sample_is_an_export_in_the_form_its_name_says(tmp_path: Path, name: str) -> None:
    """What `sample` writes, `validate` takes; three in a hundred are wrong as asked."""
    file = tmp_path / name
    result = CommandRunner().run("sample", file, "--records", 200, "--bad", 3, "--day", "2026-11-21")
    assert result.output == f"200 records written to {file}, 6 of them with a mistake.\n"
    data = gzip.decompress(file.read_bytes()) if name.lower().endswith(".gz") else file.read_bytes()
    assert data[:1] == (b"[" if ".json" in name.lower().removesuffix(".gz")[-5:] else b"{")
    checked = CommandRunner().run("validate", file)
    assert (checked.exit_code, "6 of 200 records cannot be sent" in checked.output) == (Exit.PARTLY, True)


def test_a_file_is_not_overwritten_unasked(tmp_path: Path) -> None:
    """Nor is a file written that no exporter would write."""
    file = tmp_path / "a.json"
    assert CommandRunner().run("sample", file).exit_code == Exit.DONE
    again = CommandRunner().run("sample", file)
    assert (again.exit_code, "--overwrite" in again.output) == (Exit.USAGE, True)
    assert CommandRunner().run("sample", file, "--overwrite", "--records", 1).exit_code == Exit.DONE
    assert CommandRunner().run("sample", tmp_path / "a.csv").exit_code == Exit.USAGE
    assert CommandRunner().run("sample", tmp_path / "none" / "a.json").exit_code == Exit.USAGE


def test_the_schema_is_the_products_own(tmp_path: Path) -> None:
    """To the screen or into a file, byte for byte."""
    assert json.loads(CommandRunner().run("schema").stdout) == json.loads(RULES.schema_bytes)
    CommandRunner().run("schema", tmp_path / "record.schema.json")
    assert (tmp_path / "record.schema.json").read_bytes() == RULES.schema_bytes
