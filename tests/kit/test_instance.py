"""An instance is read strictly, and unnamed means production."""

from pathlib import Path

import msgspec
import pytest

from senim.kit.instance import BadSettings, Instance, Profile


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """A table with one word."""

    port: int = 1


def _home(tmp_path: Path, text: str) -> Path:
    (tmp_path / "senim.toml").write_text(text)
    return tmp_path


def test_no_profile_named_means_production(tmp_path: Path) -> None:
    assert Instance.load(_home(tmp_path, "")).profile is Profile.PRODUCTION


def test_the_demonstration_must_be_named(tmp_path: Path) -> None:
    assert Instance.load(_home(tmp_path, 'profile = "demonstration"')).is_demonstration


@pytest.mark.parametrize("text", ['profile = "demo"', 'profile = ""', "profile = ", "profile = \x00"])
def test_a_profile_nobody_knows_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings, match=r"senim\.toml"):
        Instance.load(_home(tmp_path, text))


def test_a_folder_without_settings_is_no_instance(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="senim init"):
        Instance.load(tmp_path)


@pytest.mark.parametrize(("text", "word"), [("[a]\nprot = 1", "prot"), ('[a]\nport = "1"', "port")])
def test_a_word_nobody_understands_is_named(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(BadSettings, match=word):
        Instance.load(_home(tmp_path, text)).section("a", Shape)
