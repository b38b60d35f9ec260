"""`manage.py inventory --compare` with what is no inventory."""

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.parametrize("content", [b"", b"\x87\xff", b"[]", b'"x"', b'{"rows": {}}'])
def test_what_is_no_inventory_is_one_sentence(tmp_path, content):
    file = tmp_path / "inventory.json"
    file.write_bytes(content)
    with pytest.raises(CommandError, match="this is no inventory"):
        call_command("inventory", "--compare", str(file))


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.json"):
        call_command("inventory", "--compare", str(tmp_path / "nowhere.json"))
