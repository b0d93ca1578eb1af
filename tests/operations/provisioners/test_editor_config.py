"""What the editor offers."""

import json

import pytest

from operations.provisioners.base import EditorFeatures
from operations.provisioners.editor_config import gallery, vs_code_settings


@pytest.mark.parametrize("ai", [True, False])
def test_ai_features_are_off_unless_they_are_offered(ai: bool) -> None:
    assert vs_code_settings(EditorFeatures(ai=ai))["chat.disableAIFeatures"] is not ai
    assert vs_code_settings(EditorFeatures())["chat.disableAIFeatures"] is True


def test_a_gallery_that_is_not_offered_has_no_address() -> None:
    assert gallery(EditorFeatures()) == {}
    assert json.loads(gallery(EditorFeatures(extensions=False))["EXTENSIONS_GALLERY"]) == {}
