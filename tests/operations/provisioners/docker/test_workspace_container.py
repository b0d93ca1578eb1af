"""The requirements for a workspace image."""

from typing import Any

import pytest

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.workspace_container import read_image_home


class FakeImage:
    def __init__(self, **config: Any) -> None:
        self.attrs = {"Config": config}


@pytest.mark.parametrize("user", ["", "root", "0", "0:0", "coder", "1000:users"])
def test_image_must_have_a_numeric_user_other_than_root(user: str) -> None:
    image: Any = FakeImage(User=user, WorkingDir="/home/coder")
    with pytest.raises(ProvisionError, match="don't run as root"):
        read_image_home(image, "mine")


def test_home_is_the_working_directory_of_the_image() -> None:
    image: Any = FakeImage(User="1000", WorkingDir="/home/coder/")
    assert read_image_home(image, "x").project == "/home/coder/project"
    assert read_image_home(image, "x").owner == (1000, 1000)
    for place in ("", "/", "/home", "home/coder"):
        bad: Any = FakeImage(User="1000:50", WorkingDir=place)
        with pytest.raises(ProvisionError, match="home as WORKDIR"):
            read_image_home(bad, "x")
